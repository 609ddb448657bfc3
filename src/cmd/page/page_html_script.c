// SPDX-License-Identifier: GPL-3.0-or-later
// The script of the HTML page: sorts and filters tables, folds and unfolds. See page_html.h.
//
// Its hash is in the page, so that a browser runs this and nothing else; tests/cmd/check-html compares them.
#include "cmd/page/page_html.h"

// clang-format off
const char html_script[] =
    "\"use strict\";(function(){\n"
    "function all(s,e){return Array.prototype.slice.call((e||document).querySelectorAll(s))}\n"
    "function make(tag,text,act){var e=document.createElement(tag);e.textContent=text;if(act)e.addEventListener(\"click\",act);return e}\n"
    "function value(row,i){var c=row.cells[i];if(!c)return\"\";var v=c.getAttribute(\"data-v\");return v===null?c.textContent.toLowerCase():Number(v)}\n"
    "all(\"table.data\").forEach(function(table){\n"
    "var body=table.tBodies[0],rows=all(\"tr\",body),box=table.parentNode;\n"
    "all(\"th\",table).forEach(function(th,i){th.tabIndex=0;th.className+=\" sorts\";\n"
    "function sort(){var down=th.getAttribute(\"aria-sort\")===\"descending\",s=down?1:-1;\n"
    "all(\"th\",table).forEach(function(o){o.removeAttribute(\"aria-sort\")});\n"
    "th.setAttribute(\"aria-sort\",down?\"ascending\":\"descending\");\n"
    "rows.slice().sort(function(a,b){var x=value(a,i),y=value(b,i);return x<y?-s:x>y?s:0}).forEach(function(r){body.appendChild(r)})}\n"
    "th.addEventListener(\"click\",sort);th.addEventListener(\"keydown\",function(e){if(e.key===\"Enter\"||e.key===\" \"){e.preventDefault();sort()}})});\n"
    "if(rows.length<8)return;\n"
    "var input=document.createElement(\"input\");input.type=\"search\";input.placeholder=\"filter\";input.setAttribute(\"aria-label\",\"filter the rows\");\n"
    "input.addEventListener(\"input\",function(){var w=input.value.toLowerCase();rows.forEach(function(r){r.hidden=r.textContent.toLowerCase().indexOf(w)<0})});\n"
    "box.parentNode.insertBefore(input,box)});\n"
    "all(\"section\").forEach(function(section){var folds=all(\"details\",section),head=section.querySelector(\"h2\");\n"
    "if(folds.length>1)head.appendChild(make(\"button\",\"unfold all\",function(e){var open=e.target.textContent===\"unfold all\";\n"
    "folds.forEach(function(f){f.open=open});e.target.textContent=open?\"fold all\":\"unfold all\"}))});\n"
    "})();\n";
// clang-format on

const char html_script_hash[] = "sha256-h6KkFqmwJPTPoBxvc1/iGmBhKQLzL2TpgAEPMTuIzp4=";
