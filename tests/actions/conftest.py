"""Fixtures of the actions' tests: policies of CT published and drafted, a mail server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssa_engine.actions.mail import Sender
from ssa_engine.content.library import Library
from ssa_engine.core.content_specs import ContentSpec
from ssa_engine.storage.db import Database
from tests import post
from tests.actions.publishing import Publish, Verb, creator, doer, publisher
from tests.factories import Clock


@pytest.fixture
def ct(library: Library) -> ContentSpec:
    """The CT specification."""
    return library.specs["CT"]


@pytest.fixture
def publish(db: Database, ct: ContentSpec, clock: Clock) -> Publish:
    """Publish a policy for CT as version `expected` + 1, without a draft."""
    return publisher(db, ct, clock)


@pytest.fixture
def create(db: Database, ct: ContentSpec, clock: Clock) -> Verb:
    """Create a draft."""
    return creator(db, ct, clock)


@pytest.fixture
def do(db: Database, ct: ContentSpec, clock: Clock) -> Verb:
    """Do something with a draft: save, propose, withdraw, discard or publish."""
    return doer(db, ct, clock)


@pytest.fixture
def mailbox() -> post.Mailbox:
    """What arrives at the mail server."""
    return post.Mailbox()


@pytest.fixture
def sender(db: Database, library: Library, clock: Clock, mailbox: post.Mailbox) -> Iterator[Sender]:
    """A sender of mail to a server that is up, and has stopped at the end."""
    with post.server(mailbox) as port:
        yield Sender(db, library, post.office_at(port), "test", clock)
