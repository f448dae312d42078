// SPDX-License-Identifier: MIT
/* Curves over two logarithmic axes, as SVG: a decade is DECADE pixels wide or high. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LEFT   60
#define TOP    40
#define BOTTOM 50
#define RIGHT  20
#define WIDE   190 /* a decade of x */
#define HIGH   90  /* a decade of y */

struct plot {
	FILE *out;
	double first_x, first_y; /* exponents of 10 */
	double last_x, last_y;
};

static double place_x(const struct plot *plot, double x)
{
	return LEFT + (log10(x) - plot->first_x) * WIDE;
}

static double place_y(const struct plot *plot, double y)
{
	return TOP + (plot->last_y - log10(y)) * HIGH;
}

static void find_range(struct plot *plot, const struct curve *curves, size_t count)
{
	*plot = (struct plot){ plot->out, HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL };
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < curves[i].count; j++) {
			double x = log10(curves[i].x[j]), y = log10(curves[i].y[j]);

			plot->first_x = fmin(plot->first_x, floor(x));
			plot->last_x = fmax(plot->last_x, ceil(x));
			plot->first_y = fmin(plot->first_y, floor(y));
			plot->last_y = fmax(plot->last_y, ceil(y));
		}
	}
}

static void draw_axes(const struct plot *plot)
{
	double left = LEFT, right = place_x(plot, pow(10, plot->last_x));
	double top = TOP, bottom = place_y(plot, pow(10, plot->first_y));

	fprintf(plot->out, "<g stroke=\"#ccc\">\n");
	for (double x = plot->first_x; x <= plot->last_x; x++)
		fprintf(plot->out, "<path d=\"M%.0f %.0fV%.0f\"/>\n",
			place_x(plot, pow(10, x)), top, bottom);
	for (double y = plot->first_y; y <= plot->last_y; y++)
		fprintf(plot->out, "<path d=\"M%.0f %.0fH%.0f\"/>\n", left,
			place_y(plot, pow(10, y)), right);
	fprintf(plot->out, "</g>\n");
	for (double x = plot->first_x; x <= plot->last_x; x++)
		fprintf(plot->out,
			"<text x=\"%.0f\" y=\"%.0f\" "
			"text-anchor=\"middle\">%g</text>\n",
			place_x(plot, pow(10, x)), bottom + 18, pow(10, x));
	for (double y = plot->first_y; y <= plot->last_y; y++)
		fprintf(plot->out,
			"<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">%g</text>\n",
			left - 8, place_y(plot, pow(10, y)) + 4, pow(10, y));
	fprintf(plot->out,
		"<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">rules</text>\n", right,
		bottom + 38);
}

static void draw_curve(const struct plot *plot, const struct curve *curve, size_t index)
{
	static const char *const colours[] = { "#0a58ca", "#c2410c", "#6b7280" };
	const char *colour = colours[index % COUNT(colours)];

	if (curve->count == 0)
		return;
	fprintf(plot->out,
		"<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
		colour);
	for (size_t i = 0; i < curve->count; i++)
		fprintf(plot->out, "%.1f,%.1f ", place_x(plot, curve->x[i]),
			place_y(plot, curve->y[i]));
	fprintf(plot->out, "\"/>\n");
	for (size_t i = 0; i < curve->count; i++)
		fprintf(plot->out,
			"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
			place_x(plot, curve->x[i]), place_y(plot, curve->y[i]), colour);
	fprintf(plot->out, "<text x=\"%d\" y=\"%zu\" fill=\"%s\">%s</text>\n",
		LEFT + 12, TOP + 20 + 18 * index, colour, curve->name);
}

void plot_write(const char *file, const char *title, const struct curve *curves,
		size_t count)
{
	struct plot plot = { .out = fopen(file, "we") };

	if (!plot.out)
		fail("cannot write %s", file);
	find_range(&plot, curves, count);
	fprintf(plot.out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" "
		"font-family=\"sans-serif\" font-size=\"13\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text x=\"%d\" y=\"24\" font-weight=\"bold\">%s</text>\n",
		LEFT + (plot.last_x - plot.first_x) * WIDE + RIGHT,
		TOP + (plot.last_y - plot.first_y) * HIGH + BOTTOM, LEFT, title);
	draw_axes(&plot);
	for (size_t i = 0; i < count; i++)
		draw_curve(&plot, &curves[i], i);
	fprintf(plot.out, "</svg>\n");
	if (fclose(plot.out))
		fail("cannot write %s", file);
}
