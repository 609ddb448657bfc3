# SPDX-License-Identifier: GPL-3.0-or-later
# finds: low listeners __main__.MARKET['ACME'].observers holds 300 bound methods __main__.Chart.update
# finds: low listeners __main__.MARKET['BOLT'].observers holds 300 bound methods __main__.Chart.update
# finds: low listeners __main__.MARKET['CRUX'].observers holds 300 bound methods __main__.Chart.update
"""Observers in a list of tuples on the observed: a long-lived stock, whose charts of closed windows still listen."""
import functools
import sys


class Stock(object):
    def __init__(self, name):
        self.name = name
        self.price = 1
        self.observers = []

    def attach(self, kind, observer):
        self.observers.append((kind, observer))


class Chart(object):
    def __init__(self, stock):
        self.points = [float(i) for i in range(200)]
        stock.attach("price", self.update)
        stock.attach("dividend", functools.partial(Chart.pay, self, "EUR"))

    def update(self, price):
        self.points.append(price)

    def pay(self, currency, amount):
        pass


MARKET = {name: Stock(name) for name in ["ACME", "BOLT", "CRUX"]}


def window(name):
    chart = Chart(MARKET[name])
    chart.update(2)


for n in range(900):
    window(["ACME", "BOLT", "CRUX"][n % 3])
print("ready")
sys.stdout.flush()
sys.stdin.readline()
