# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.6
"""A unittest run that has ended, its suite and result still there: mocks, subtests, an expected failure, a skip."""
import io
import sys
import unittest
from unittest import mock


class Account:
    """What is tested."""

    def __init__(self, bank):
        self.bank = bank
        self.balance = 0

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("amount")
        self.balance += amount
        self.bank.notify(self, amount)


class AccountTest(unittest.TestCase):
    def setUp(self):
        self.bank = mock.Mock()
        self.account = Account(self.bank)

    def test_deposits(self):
        for amount in range(1, 50):
            with self.subTest(amount=amount):
                before = self.account.balance
                self.account.deposit(amount)
                self.assertEqual(self.account.balance, before + amount)
                self.bank.notify.assert_called_with(self.account, amount)

    def test_refuses(self):
        with self.assertRaises(ValueError):
            self.account.deposit(-1)

    @unittest.expectedFailure
    def test_known(self):
        self.assertEqual(self.account.balance, 1)

    @unittest.skip("not here")
    def test_skipped(self):
        self.fail()

    @mock.patch("sys.stdout", new_callable=io.StringIO)
    def test_patched(self, stdout):
        print("hello")
        self.assertEqual(stdout.getvalue(), "hello\n")


suite = unittest.defaultTestLoader.loadTestsFromTestCase(AccountTest)
result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
assert result.wasSuccessful()
print("ready")
sys.stdout.flush()
sys.stdin.readline()
