# SPDX-License-Identifier: GPL-3.0-or-later
# imports: pandas
"""A data frame of orders, grouped, joined and resampled, as in a notebook at rest."""
import numpy
import pandas

generator = numpy.random.default_rng(7)
count = 20000
orders = pandas.DataFrame({
    "when": pandas.Timestamp("2024-01-01") + pandas.to_timedelta(generator.integers(0, 365 * 24, count), unit="h"),
    "customer": generator.integers(0, 400, count),
    "amount": generator.gamma(2.0, 30.0, count).round(2),
    "note": pandas.Series(["order %d" % n for n in range(count)]),
    "state": pandas.Categorical(generator.choice(["paid", "sent", "open"], count)),
})
customers = pandas.DataFrame({"customer": range(400), "name": ["customer %d" % n for n in range(400)]})
joined = orders.merge(customers, on="customer")
monthly = joined.set_index("when").resample("M")["amount"].sum()
best = joined.groupby("name")["amount"].agg(["sum", "count"]).sort_values("sum", ascending=False).head(20)
print("ready", flush=True)
input()
