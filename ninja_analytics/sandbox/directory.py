"""The people of the sandbox's tenant as data: technicians, roles of users, jobs of contacts.

They are invented, as the names in vocabulary.py are. Those who appear in activities are
vocabulary.TECHNICIANS; the others here are around them.
"""

from __future__ import annotations

from typing import NamedTuple

from ninja_analytics.sandbox.vocabulary import TECHNICIANS

MAIL_OF_THE_HOUSE = "northlight.example"


class Staff(NamedTuple):
    """A technician: what is known of the account."""

    id: int
    name: str
    enabled: bool = True
    administrator: bool = False
    invitation: str = "REGISTERED"
    auth_type: str = "SSO"
    mfa: bool = True
    email: bool = True
    phone: str | None = None


_IN_ACTIVITIES = {
    3: Staff(3, "", administrator=True, phone="+1 555 0103"),
    4: Staff(4, ""),
    7: Staff(7, "", auth_type="NATIVE"),
    11: Staff(11, "", auth_type="NATIVE", mfa=False),
}
STAFF = (
    Staff(2, "Morgan Vale", administrator=True, auth_type="NATIVE", phone="+1 555 0100"),
    *(_IN_ACTIVITIES[number]._replace(name=name) for number, name in TECHNICIANS),
    Staff(15, "Jo Marsh", auth_type="NATIVE"),  # a namesake
    Staff(19, "Kim Okada", invitation="PENDING", mfa=False),
    Staff(22, "Report Robot", auth_type="NATIVE", mfa=False, email=False),
    Staff(23, "Pat Ellery", enabled=False),
)

# id, name, kind of user, description, ids of its members (None: by rule)
USER_ROLES = (
    (1, "System Administrator", "TECHNICIAN", "May do everything", (2, 3)),
    (2, "Technician", "TECHNICIAN", "Looks after devices", (4, 7, 11, 15, 19)),
    (3, "Auditor", "TECHNICIAN", None, (22,)),
    (4, "Retired", "TECHNICIAN", "Nobody who works here", (23,)),
    (5, "On call, nights", "TECHNICIAN", None, ()),
    (21, "End User", "END_USER", "Own devices only", None),
    (22, "Portal Manager", "END_USER", "The whole organization in the portal", None),
)
JOB_TITLES = (
    "Office Manager", "Head of IT", "Controller", "Managing Director", "Site Lead", "Bookkeeper",
)  # fmt: skip
DEPARTMENTS = ("Sales", "Finance", "Operations", "Human Resources", "Research", "Front Office")
