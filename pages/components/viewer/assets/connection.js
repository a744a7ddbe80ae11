/**
 * Without a connection the desk goes on: verdicts wait in the outbox, the next pairs are decoded. Streamlit
 * covers the page with a dialog that takes the focus, and with it every key; here it is closed as it opens.
 */

const WORDS = "No connection. Go on: your verdicts are kept here until it is back.";
const CLOSE = "[data-testid=stDialog] [role=dialog] > button[aria-label=Close]";

/** Close Streamlit's "Connection error" whenever it opens, and tell in words; the returned function ends the watch. */
export function keepWorking(tell) {
  const look = () => {
    const button = [...document.querySelectorAll(CLOSE)].find((one) => isConnectionError(one.parentElement));
    if (!button) return;
    const focus = focused();
    button.click();
    requestAnimationFrame(() => requestAnimationFrame(() => focus.focus({ preventScroll: true })));
    tell(WORDS);
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true });
  return () => observer.disconnect();
}

function isConnectionError(dialog) {
  return dialog.querySelector("h2")?.textContent === "Connection error";
}

/** What has the focus, inside whichever shadow it is. */
function focused() {
  let focus = document.activeElement;
  while (focus.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
  return focus;
}
