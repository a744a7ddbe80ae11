// What every browser has and node 18 keeps in a module of its own. Import it before anything that needs it.
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto;
