# SPDX-License-Identifier: GPL-3.0-or-later
# imports: numpy
"""Numerical work: arrays, views of them, a fit, a random walk; results in a few large arrays and an object array."""
import numpy


def fit(x, y):
    return numpy.linalg.lstsq(numpy.vstack([x, numpy.ones_like(x)]).T, y, rcond=None)[0]


generator = numpy.random.default_rng(1)
samples = generator.normal(size=(500, 2000))
means = samples.mean(axis=0)
walks = samples.cumsum(axis=1)
windows = [samples[:, start:start + 50] for start in range(0, 2000, 50)]
line = fit(numpy.arange(2000.0), means)
spectrum = numpy.abs(numpy.fft.rfft(samples[0]))
labels = numpy.array(["row %d" % n for n in range(500)], dtype=object)
table = numpy.zeros(500, dtype=[("name", "U12"), ("mean", "f8")])
table["name"] = labels
table["mean"] = samples.mean(axis=1)
print("ready", flush=True)
input()
