// SPDX-License-Identifier: MIT
/*
 * A page that needs nothing but itself: its style is in it, it runs no script, and its
 * own policy forbids a browser to fetch anything. Names come from files and are hostile;
 * html_text() is the only way for them into the page.
 */
#include "html.h"

#include <string.h>

#include "output.h"

static const char style[] =
	":root{color-scheme:light dark;--page:#fff;--ink:#1d2733;--soft:#5b6875;"
	"--line:#dfe4ea;--card:#f6f8fa;--allowed:#2f8f4e;--logged:#8aa31b;"
	"--depends:#2b6cb0;--denied:#d98a1f;--handled:#7b55b5;--killed:#b8322a}\n"
	"@media(prefers-color-scheme:dark){:root{--page:#12171d;--ink:#e4e9ee;"
	"--soft:#9aa7b4;--line:#2b343e;--card:#1a2129;--allowed:#3f9d5f;"
	"--logged:#93a832;--depends:#4a87c7;--denied:#c58428;--handled:#9272c7;"
	"--killed:#c2463e}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:72rem;padding:2rem 1.5rem 4rem;"
	"background:var(--page);color:var(--ink);"
	"font:15px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
	"h1{font-size:1.7rem;margin:0 0 .2rem;font-weight:650}\n"
	"h2{font-size:1.3rem;margin:2.5rem 0 .5rem;padding-top:1rem;"
	"border-top:1px solid var(--line);overflow-wrap:anywhere}\n"
	"h3{font-size:1rem;margin:1.8rem 0 .6rem}\n"
	"p{margin:.4rem 0;max-width:60rem}\n"
	".soft,.help{color:var(--soft)}\n"
	"code,.map b,td:first-child{font-family:ui-monospace,'DejaVu Sans Mono',"
	"monospace;font-weight:400}\n"
	"code{font-size:.88em;overflow-wrap:anywhere}\n"
	".cards{display:flex;flex-wrap:wrap;gap:.7rem;margin:1rem 0}\n"
	".card{background:var(--card);border:1px solid var(--line);"
	"border-radius:.5rem;padding:.6rem .9rem;min-width:8.5rem}\n"
	".card strong{display:block;font-size:1.5rem;line-height:1.25;"
	"font-variant-numeric:tabular-nums}\n"
	".bar{display:flex;height:1.1rem;border-radius:.35rem;overflow:hidden;"
	"margin:1rem 0 .6rem}\n"
	".legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:0 0 "
	"1rem;"
	"list-style:none;font-size:.88rem}\n"
	".legend i{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;"
	"margin-right:.4rem;vertical-align:-.08rem}\n"
	".map{columns:21rem;column-gap:1.1rem}\n"
	".group{break-inside:avoid;background:var(--card);border:1px solid var(--line);"
	"border-radius:.5rem;padding:.55rem .7rem .65rem;margin:0 0 .8rem}\n"
	".group "
	"h4{margin:0;font-size:.88rem;display:flex;justify-content:space-between;"
	"gap:1rem}\n"
	".group h4 span{color:var(--soft);font-weight:400;white-space:nowrap}\n"
	".help{font-size:.78rem;line-height:1.35;margin:0 0 .4rem}\n"
	".map b{display:inline-block;margin:0 .22rem .22rem 0;padding:0 .34rem;"
	"border-radius:.25rem;color:#fff;font-size:.74rem;line-height:1.5}\n"
	".allowed{--c:var(--allowed)}.logged{--c:var(--logged)}"
	".depends{--c:var(--depends)}.denied{--c:var(--denied)}"
	".handled{--c:var(--handled)}.killed{--c:var(--killed)}\n"
	".bar span,.legend i{background:var(--c)}\n"
	".map b{background:var(--c);border:1px solid var(--c)}\n"
	".map .denied,.map .handled,.map .killed{"
	"background:color-mix(in srgb,var(--c) 9%,var(--page));"
	"border-color:color-mix(in srgb,var(--c) 35%,var(--page));"
	"color:color-mix(in srgb,var(--c) 75%,var(--ink))}\n"
	".map .depends,.bar .depends,.legend .depends{background:"
	"repeating-linear-gradient(135deg,var(--c) 0 6px,"
	"color-mix(in srgb,var(--c) 80%,#000) 6px 9px)}\n"
	".findings{list-style:none;padding:0;margin:0}"
	".findings li{border:1px solid var(--line);border-left:.35rem solid var(--c);"
	"border-radius:.4rem;background:var(--card);padding:.5rem .9rem;"
	"margin:0 0 .6rem;break-inside:avoid}"
	".findings p{margin:.15rem 0}"
	".findings em{font-style:normal;font-size:.74rem;font-weight:600;color:#fff;"
	"background:var(--c);border-radius:.25rem;padding:.1rem .4rem}"
	".risk-high{--c:var(--killed)}.risk-medium{--c:var(--denied)}"
	".risk-low{--c:var(--depends)}.risk-note{--c:var(--soft)}\n"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
	"th{text-align:left;font-weight:600;color:var(--soft);font-size:.8rem}\n"
	"th,td{padding:.35rem .7rem .35rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}\n"
	"td:first-child{overflow-wrap:anywhere}\n"
	".difference{table-layout:fixed}.difference th:nth-child(1){width:20%}"
	".difference th:nth-child(2){width:10%}.difference th:nth-child(3){width:44%}\n"
	"details{margin:.6rem 0}summary{cursor:pointer}\n"
	"footer{margin-top:3rem;font-size:.8rem;color:var(--soft)}\n"
	"@media print{:root{color-scheme:light;--page:#fff;--ink:#000;--card:#fff}"
	"body{padding:0;max-width:none;font-size:10pt}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
	"h2{break-before:page}h2.first{break-before:auto}tr{break-inside:avoid}}\n";

void html_text(FILE *page, const char *text)
{
	size_t left = text ? strlen(text) : 0;

	while (left) {
		struct glyph glyph = glyph_at(text, left);

		if (!glyph.is_safe)
			fputs("\xef\xbf\xbd", page);
		else if (glyph.length == 1 && strchr("&<>\"'", *text))
			fprintf(page, "&#%d;", *text);
		else
			fwrite(text, 1, glyph.length, page);
		text += glyph.length;
		left -= glyph.length;
	}
}

void html_begin(FILE *page, const char *title)
{
	fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" "
	      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      page);
	html_text(page, title);
	fputs("</title>\n<style>\n", page);
	fputs(style, page);
	fputs("</style>\n", page);
}

void html_end(FILE *page, const char *words)
{
	fprintf(page, "<footer>Made by callgate %s. %s</footer>\n</html>\n",
		callgate_version(), words);
}
