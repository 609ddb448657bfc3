# SPDX-License-Identifier: GPL-3.0-or-later
# imports: sqlalchemy
# finds: low query-cache sqlalchemy.orm.session.Session) holds 2,000 objects that were never flushed
"""One session for the whole program, to which objects are added that nobody ever commits."""
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class Visit(Base):
    __tablename__ = "visit"
    id = Column(Integer, primary_key=True)
    page = Column(String)
    agent = Column(String)


engine = create_engine("sqlite://")
Base.metadata.create_all(engine)


class Tracker:
    def __init__(self):
        self.session = Session(engine, autoflush=False)

    def visit(self, n):
        self.session.add(Visit(page="/page/%d" % n, agent="agent %d" % n))


tracker = Tracker()
for n in range(2000):
    tracker.visit(n)
print("ready", flush=True)
input()
