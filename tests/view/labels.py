"""Labels that try to break out of the forms of a picture."""

from __future__ import annotations

from hypothesis import strategies as st

NASTY = [
    *(
        '"',
        "\\",
        "\\N",
        "\\n",
        "{a|b}",
        "<b>",
        "</text>",
        "&amp;",
        "a:b:c",
        "]",
        "a]]",
        "]]>",
        "<!--",
        "--",
    ),
    *("</script><script>alert(1)</script>", "</style>", "{{data}}", "${x}", "%s", "'", "`", "a\nb"),
    *(
        "\0",
        "\x1b[31m",
        "\ud800",
        "\ufffe",
        "\u202e",
        "🎉",
        "é",
        "标签",
        "עברית",
        " ",
        "\t",
        "x" * 500,
    ),
]
texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=())))
