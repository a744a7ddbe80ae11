"""Sidegrade's rules: true without a screen or a database.

Nothing in here imports Streamlit or SQLAlchemy; torch, diffusers, lpips and OCR are imported only inside
the one backend or check file that needs them. Start reading with :mod:`core.records`.

Words, one per concept, in code and on screen:

=================  ==========================================================================================
baseline           the model in production
candidate          the upgrade under review
model              an image model as declared in ``models.toml``: source, revision, settings, contract
contract           what an endpoint promises: inputs, output size, mode (RGB/RGBA), format, latency
case               prompt + size + tags + the exact strings and the alpha that are expected
suite              a named, versioned set of cases
recipe             every input that fixes an output; its digest is the identity of a request
render             one output: pixels and their digest, timings; or a typed failure
pair               one case and seed rendered on both arms
run                a batch of pairs, one baseline against one candidate
check              an automatic examination; a *measurement* is its value with unit, direction and reason
noise floor        distances measured between a model and itself
replay             a render made again from its recipe: bit-exact, within noise floor, or drifted
self-test          known faults and good pictures that a check must tell apart before a gate believes it
handout            what one reviewer was given to judge: pair, side shown as A, purpose (task: its blind name)
verdict            one reviewer's blind outcome on a pair
unit               one case as the preference test counts it, whatever its number of seeds
evidence           the records that a gate judges, and nothing else
triage             label of a render for a case: positive, negative, untriaged
golden set         frozen, numbered cases with their positives and negatives
policy, gate       a versioned rule set, one rule in it
analysis           one evaluation of a policy over evidence
rollout            the decision about a run: its events lead to approved, refused or inconclusive
=================  ==========================================================================================
"""
