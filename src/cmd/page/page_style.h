// SPDX-License-Identifier: GPL-3.0-or-later
// How the HTML report looks: colours for light and dark, and a layout that fits a phone.
#ifndef OURO_CMD_PAGE_PAGE_STYLE_H
#define OURO_CMD_PAGE_PAGE_STYLE_H

// clang-format off
static const char *const page_style[] = { // a line each, ended by null
    ":root{color-scheme:light dark;--ground:#fcfcfa;--raised:#f1f1ec;--ink:#1d1f21;--soft:#62666b;"
    "--line:#dcdcd4;--bar:#cfdff0;--link:#1a5fa8;--high:#b3261e;--medium:#a65e00;--low:#1a5fa8;"
    "--info:#62666b;--light:78%;--rich:42%;--tileink:#16181a}\n",
    "@media(prefers-color-scheme:dark){:root{--ground:#16181a;--raised:#202326;--ink:#e6e6e2;"
    "--soft:#9aa0a6;--line:#34383c;--bar:#27425f;--link:#8ab8f0;--high:#ff8a80;--medium:#ffb95e;"
    "--low:#8ab8f0;--info:#9aa0a6;--light:30%;--rich:32%;--tileink:#f0f0ec}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0;background:var(--ground);color:var(--ink);"
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\","
    "sans-serif}\n",
    "header,main{max-width:1072px;margin:0 auto;padding:0 16px}\n",
    "header{padding-top:24px}\n",
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 12px;overflow-wrap:anywhere}\n",
    "h2{font-size:1.2rem;margin:0 0 2px}\n",
    "h3{font-size:.85rem;margin:0 0 4px;color:var(--soft);font-weight:600}\n",
    "p{margin:0 0 8px}\n",
    ".by{color:var(--soft);font-size:.85rem;margin:0}\n",
    ".about,.none{color:var(--soft);font-size:.9rem;max-width:46em}\n",
    "section{padding:20px 0 8px;border-top:1px solid var(--line);margin-top:20px}\n",
    "nav{display:flex;flex-wrap:wrap;gap:2px 14px;font-size:.9rem;padding-top:4px}\n",
    "a{color:var(--link)}\n",
    "ul.tiles{list-style:none;margin:0 0 12px;padding:0;display:flex;flex-wrap:wrap;gap:8px}\n",
    "ul.tiles li{background:var(--raised);border-radius:6px;padding:8px 12px;font-size:.8rem;"
    "color:var(--soft)}\n",
    "ul.tiles b{display:block;font-size:1.15rem;line-height:1.2;color:var(--ink);"
    "font-variant-numeric:tabular-nums}\n",
    ".facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));"
    "gap:16px 32px}\n",
    "dl{margin:0;display:grid;grid-template-columns:minmax(auto,11em) minmax(0,1fr);"
    "gap:1px 14px;font-size:.9rem}\n",
    "dt{color:var(--soft)}\n",
    "dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}\n",
    ".scroll{overflow-x:auto}\n",
    "table{border-collapse:collapse;font-size:.85rem;min-width:100%}\n",
    "th{color:var(--soft);font-weight:600;text-align:left;padding:4px 14px 4px 0;"
    "white-space:nowrap;"
    "border-bottom:1px solid var(--line)}\n",
    "td{padding:3px 14px 3px 0;border-bottom:1px solid var(--line);vertical-align:top}\n",
    "th:last-child,td:last-child{padding-right:0}\n",
    "th.n,td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n",
    "td.c,code,.at{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"DejaVu Sans Mono\","
    "monospace;"
    "font-size:.8rem}\n",
    "td.c{max-width:30em;overflow-wrap:anywhere}\n",
    "td.bar{background:linear-gradient(to left,var(--bar) var(--part),"
    "transparent 0) content-box}\n",
    "ol.findings{list-style:none;margin:0;padding:0;display:grid;gap:10px}\n",
    ".finding{background:var(--raised);border-left:4px solid var(--info);border-radius:0 6px 6px 0;"
    "padding:10px 14px;overflow-wrap:anywhere}\n",
    ".finding p{margin:0 0 4px;font-size:.9rem}\n",
    ".finding .tag{font-size:.8rem;color:var(--soft)}\n",
    ".finding .tag b{color:var(--info)}\n",
    ".finding .what{font-weight:600;font-size:1rem}\n",
    ".finding .next{margin:4px 0 0}\n",
    ".finding.high{border-color:var(--high)}.finding.high .tag b{color:var(--high)}\n",
    ".finding.medium{border-color:var(--medium)}.finding.medium .tag b{color:var(--medium)}\n",
    ".finding.low{border-color:var(--low)}.finding.low .tag b{color:var(--low)}\n",
    "ol.stack{margin:0 0 14px;padding-left:2.2em;font-size:.9rem}\n",
    "ol.stack li{margin:2px 0;overflow-wrap:anywhere}\n",
    "ol.stack li::marker{color:var(--soft);font-size:.8rem}\n",
    "summary{cursor:pointer}\n",
    "details table{margin:2px 0 8px}\n",
    ".at{color:var(--soft)}\n",
    "svg.map{display:block;width:100%;height:auto;font-family:inherit}\n",
    "svg.map rect{stroke:var(--ground);stroke-width:1}\n",
    "svg.map text{font-size:12px;fill:var(--tileink)}\n",
    "svg.map text.s{font-size:11px;opacity:.75}\n",
    "svg.narrow{display:none}\n",
    "@media(max-width:640px){svg.wide{display:none}svg.narrow{display:block}"
    "dl{gap:1px 10px}td.c{white-space:nowrap;max-width:none}}\n",
    ".h0 rect{--hue:210}.h1 rect{--hue:35}.h2 rect{--hue:150}.h3 rect{--hue:275}.h4 rect{--hue:0}"
    ".h5 rect{--hue:185}.h6 rect{--hue:60}.h7 rect{--hue:325}\n",
    ".d0 rect{fill:hsl(var(--hue) var(--rich) var(--light))}\n",
    ".d1 rect{fill:hsl(var(--hue) var(--rich) calc(var(--light) + 6%))}\n",
    ".d2 rect{fill:hsl(var(--hue) var(--rich) calc(var(--light) + 11%))}\n",
    ".rest rect{fill:var(--raised)}.rest text{fill:var(--soft)}\n",
    ".dead rect{stroke:var(--high);stroke-dasharray:4 2}\n",
    "@media print{section{break-inside:avoid-page}}\n",
    NULL,
};
// clang-format on

#endif
