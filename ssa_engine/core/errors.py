"""The errors a person may meet. Each message is a sentence that says what to do."""


class SsaError(Exception):
    """Base of all errors whose message is meant for the person who caused them."""

    @property
    def sentence(self) -> str:
        """The message; a `Sentence` where it can be said in other languages."""
        return self.args[0] if self.args and isinstance(self.args[0], str) else str(self)


class NotAllowed(SsaError):
    """The person is known and may not do this."""


class NotFound(SsaError):
    """There is no such thing, or it is not this person's."""


class Conflict(SsaError):
    """What was asked does not fit the present state."""


class StaleRender(Conflict):
    """The page the answer came from is older than the attempt, and the answer would change something."""


class AttemptClosed(Conflict):
    """The attempt was submitted, or its time is over."""


class Invalid(SsaError):
    """What was sent or read cannot be used."""


class BlueprintNotMet(SsaError):
    """No form could be drawn that meets the blueprint."""
