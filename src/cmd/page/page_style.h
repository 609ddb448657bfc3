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
    ".verdict{font-size:1.15rem;line-height:1.4}\n",
    "ol.path{margin:4px 0 4px;padding-left:2em;font-size:.85rem}ol.path li{margin:1px 0}\n",
    "ol.chart{list-style:none;margin:4px 0 12px;padding:0;font-size:.85rem}\n",
    "ol.chart li{display:grid;grid-template-columns:minmax(0,26em) minmax(80px,1fr) 11em;gap:12px;"
    "align-items:center;padding:2px 0}\n",
    "ol.chart span{overflow-wrap:anywhere}ol.chart em{font-style:normal;color:var(--soft);"
    "font-variant-numeric:tabular-nums}\n",
    "ol.chart b{height:12px;background:linear-gradient(to right,var(--mark,var(--info)) "
    "var(--part),var(--raised) 0);border-radius:2px}\n",
    "ol.chart .high{--mark:var(--high)}ol.chart .medium{--mark:var(--medium)}"
    "ol.chart .low{--mark:var(--low)}\n",
    ".usage{display:flex;height:28px;gap:1px;border-radius:4px;overflow:hidden;margin:8px 0}\n",
    ".usage span{min-width:1px;flex-basis:0}\n",
    "ul.legend{list-style:none;margin:0 0 14px;padding:0;display:flex;flex-wrap:wrap;gap:2px 18px;"
    "font-size:.85rem;color:var(--soft)}ul.legend b{color:var(--ink)}\n",
    "ul.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;"
    "margin-right:6px}\n",
    ".k0{--hue:210}.k1{--hue:35}.k2{--hue:150}.k3{--hue:275}.k4{--hue:0}.k5{--hue:185}"
    ".k6{--hue:60}.k7{--hue:325}\n",
    ".usage span,ul.legend i{background:hsl(var(--hue) 50% 52%)}\n",
    "td i{font-style:normal;color:var(--soft);display:inline-block;min-width:4.2em}\n",
    ".sorts{cursor:pointer}th[aria-sort=descending]::after{content:\" \\25BE\"}"
    "th[aria-sort=ascending]::after{content:\" \\25B4\"}\n",
    "input,button{font:inherit;font-size:.8rem;color:var(--ink);background:var(--raised);"
    "border:1px solid var(--line);border-radius:4px;padding:2px 8px}\n",
    "h2 button{margin-left:12px;vertical-align:middle;font-weight:400}"
    "section>input{margin:4px 0}\n",
    "#memory .facts{display:block}#memory h3{display:none}#memory dd{text-align:left}\n",
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
    "dl{gap:1px 10px}ol.chart li{grid-template-columns:minmax(0,1fr) auto;gap:2px 12px}"
    "ol.chart b{grid-column:1/3;grid-row:2}\n",
    "table.data,table.data tbody,table.data tr,table.data td{display:block}"
    "table.data thead{position:absolute;left:-9999px}\n",
    "table.data tr{border-bottom:1px solid var(--line);padding:6px 0}table.data tr[hidden]{"
    "display:none}\n",
    "table.data td{display:flex;gap:8px;border:0;"
    "padding:1px 0;max-width:none;overflow-wrap:anywhere;white-space:normal;text-align:left}\n",
    "table.data td::before{content:attr(data-l);flex:0 0 7.5em;color:var(--soft);"
    "font-family:system-ui,sans-serif;font-size:.8rem}\n",
    "table.data td:empty{display:none}table.data td i{display:inline}"
    "details table td{overflow-wrap:anywhere}}\n",
    ".h0 rect{--hue:210}.h1 rect{--hue:35}.h2 rect{--hue:150}.h3 rect{--hue:275}.h4 rect{--hue:0}"
    ".h5 rect{--hue:185}.h6 rect{--hue:60}.h7 rect{--hue:325}\n",
    ".d0 rect{fill:hsl(var(--hue) var(--rich) var(--light))}\n",
    ".d1 rect{fill:hsl(var(--hue) var(--rich) calc(var(--light) + 6%))}\n",
    ".d2 rect{fill:hsl(var(--hue) var(--rich) calc(var(--light) + 11%))}\n",
    ".rest rect{fill:var(--raised)}.rest text{fill:var(--soft)}\n",
    ".dead rect{stroke:var(--high);stroke-dasharray:4 2}\n",
    "ul.trends{list-style:none;margin:0;padding:0;display:grid;"
    "grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:12px}\n",
    "ul.trends li{background:var(--raised);border-radius:6px;padding:8px 12px;font-size:.8rem;"
    "display:grid;align-content:space-between}\n",
    "ul.trends b{overflow-wrap:anywhere}ul.trends span{color:var(--soft)}\n",
    "ul.trends .n{font-variant-numeric:tabular-nums}\n",
    "ul.trends svg{display:block;width:100%;height:auto}\n",
    "ul.trends polyline{fill:none;stroke:var(--link);stroke-width:2}"
    "ul.trends circle{fill:var(--link)}\n",
    "@media print{section{break-inside:avoid-page}}\n",
    NULL,
};
// clang-format on

#endif
