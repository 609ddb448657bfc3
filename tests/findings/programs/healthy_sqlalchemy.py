# SPDX-License-Identifier: GPL-3.0-or-later
# imports: sqlalchemy
"""SQLAlchemy at rest: mapped classes, a scoped session that was closed after each unit of work, and a pool."""
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, func
from sqlalchemy.orm import declarative_base, relationship, sessionmaker

Base = declarative_base()


class Author(Base):
    __tablename__ = "author"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    books = relationship("Book", back_populates="author", cascade="all, delete-orphan")


class Book(Base):
    __tablename__ = "book"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    author_id = Column(ForeignKey("author.id"))
    author = relationship("Author", back_populates="books")


engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
Session = sessionmaker(engine)


def fill():
    with Session() as session:
        for n in range(100):
            session.add(Author(name="author %d" % n, books=[Book(title="book %d of %d" % (b, n)) for b in range(5)]))
        session.commit()


def request(n):
    with Session() as session:
        found = session.query(Author).filter(Author.name.like("author %d%%" % (n % 10))).order_by(Author.id).all()
        titles = [book.title for author in found for book in author.books]
        session.query(func.count(Book.id)).scalar()
        return len(titles)


fill()
counts = [request(n) for n in range(40)]
print("ready", flush=True)
input()
