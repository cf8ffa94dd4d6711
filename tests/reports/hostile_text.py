"""Texts that have broken other people's reports, and a strategy that mixes them with any text at all."""

from __future__ import annotations

from hypothesis import strategies as st

NASTY = (
    "<script>document.title='pwned'</script>",
    "</script><img src=x onerror=document.title='pwned'>",
    "<!--<script>", "]]>", '"><svg onload=alert(1)>', "' autofocus onfocus=alert(1) x='", "{{ 7 * 7 }}{% raw %}{# x",
    "&lt;b&gt;&amp;", "javascript:alert(1)", "https://evil.example/", "www.evil.example", "a\u2028b\u2029c",
    "\u202egnp.exe\u2066", "\x1b[31mred\x1b]0;title\x07", "\x00\x08\x7f\x9b", "line\r\nbreak\ttab", "\u200b\ufeff",
    "\ud800", "\U000e0041\U000e007f", "\x01\x02\x05", "שלום", "e\u0301 ﷽ 😀",
    "| a | b |", "`code` ``` fence", "**bold** _it_ ~~no~~", "[link](https://evil.example)", "![i](x)", "# head", "- item",
    "1. item", "> quote", "---", "    indented", "@everyone hi", "see #123 and GH-12 !4 $5 %6 ~7 ^8", "a\\", "<br>", "$x^2$",
    'end"]; click n0 "javascript:alert(1)"', "%%{init: {}}%%", "-->|x| y", "subgraph end", ":rocket: a:b:c",
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", '"quoted","cells"', "a;=1",
    "[bold red]rich[/bold red]", "[link=https://evil.example]x[/link]", ":smile:",
    "x" * 3000, "n" * 256, "[x](javascript:alert(1))", "{0} ${7*7} #{x}", "", " ", "null", "%s %(a)s {0}", "__proto__", "constructor",
)  # fmt: skip

anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
texts = st.one_of(st.sampled_from(NASTY), anything, st.lists(st.sampled_from(NASTY), max_size=3).map("".join))
