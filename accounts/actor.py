"""Who is acting?  A user in one post, perhaps by delegation; automatic work is a named system user."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Delegation, Department, Post, Role, User


@dataclass(frozen=True)
class Actor:
    """A person at work: what every verb is told as ``by`` and every read starts from.

    Attributes:
        token: the prefix of the API token that acts for the person; empty where the person acts himself.
    """

    user: User
    post: Post
    delegation: Delegation | None = None
    address: str | None = None
    token: str = ""

    @property
    def role(self) -> str:
        """The role of the post acted in."""
        return self.post.role

    @property
    def department(self) -> Department:
        """The department of the post acted in."""
        return self.post.department

    @property
    def is_system(self) -> bool:
        """Whether this is automatic work."""
        return self.post.role == Role.SYSTEM

    def __str__(self) -> str:
        return f"{self.user.name}（{self.post.department.short_name}）"


class SystemUserMissing(RuntimeError):
    """The system user is made by a migration; a database without it is broken."""


def system_actor() -> Actor:
    """Return the named system user in its own post; automatic work never acts without a name.

    Raises:
        SystemUserMissing: the migrations have not been run.
    """
    post = Post.objects.select_related("user", "department").filter(role=Role.SYSTEM, valid_to=None).first()
    if post is None:
        raise SystemUserMissing("run `manage.py migrate`: the system post is missing")
    return Actor(user=post.user, post=post)
