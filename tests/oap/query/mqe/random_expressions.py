"""Random expressions about the metrics of the conformance table."""

from hypothesis import strategies as st

from tests.oap.query.mqe.conformance_store import LABELLED, LISTS, PLAIN

METRICS = (*PLAIN, *LABELLED, *LISTS, "pods", "heat", "nosuch")
SLOTS = {
    "m": (*METRICS, "pct{p='50'}", "st{code='2xx',proto=' http ,x'}", "m1{}", "st{q=''}"),
    "n": ("0", "1", "2", "3", "600", "999999999", "9999999999"),
    "l": ("p='50'", "code='2xx,5xx'", "proto='http,https'", "q='a,b'", "_='bare'"),
    "k": ("p", "code", "code,proto", "_"),
    "f": ("avg", "sum", "max", "min"),
    "a": ("avg", "sum", "max", "min", "count", "latest"),
    "o": ("asc", "Des"),
    "c": ("", ",attr0='K8S_SERVICE'", ",attr0!='x',attr5='y'"),
    "b": ("+", "-", "*", "/", "%", "==", "!= bool", "<=", "<", ">=", ">", "&&", "||"),
}  # fmt: skip
LEAVES = ("{m}", "{n}", "0.5", "increase({m},{n})", "rate({m},{n})", "top_n({m},{n},{o}{c})", "baseline({m},upper)",
    "top_n_of(top_n({m},{n},{o}),top_n({m},1,{o}),{n},{o})", "{m} > {n} && {m} < {n}")  # fmt: skip
BRANCHES = ("({x}) {b} ({y})", "{x} {b} {y}", "{a}({x})", "abs({x})", "ceil({x})", "floor({x})", "round({x},{n})",
    "view_as_seq({x},{y})", "is_present({x},{y})", "relabels({x},{l},{l})", "aggregate_labels({x},{f})",
    "aggregate_labels({x},{f}({k}))", "sort_values({x},{n},{o},{a})", "sort_label_values({x},{o},{k})")  # fmt: skip


def expressions() -> st.SearchStrategy[str]:
    """Texts of the grammar, mostly about metrics that exist."""
    words = st.fixed_dictionaries({slot: st.sampled_from(choices) for slot, choices in SLOTS.items()})
    leaves = st.builds(lambda form, chosen: form.format(**chosen), st.sampled_from(LEAVES), words)

    def branches(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        forms = st.sampled_from(BRANCHES)
        return st.builds(lambda form, chosen, x, y: form.format(**chosen, x=x, y=y), forms, words, parts, parts)

    return st.recursive(leaves, branches, max_leaves=6)
