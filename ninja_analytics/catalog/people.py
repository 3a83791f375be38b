"""Who is in the tenant: technicians, end users, contacts and the roles that they have."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C, Parameter, Table

INCLUDE_ROLES = Parameter("include_roles", "includeRoles", "boolean", "name the roles of each user too")  # fmt: skip
ROLES = C("roles", "roles", "texts", "names of their roles; only where asked with include_roles")
INVITATION = C("invitation_status", "invitationStatus", "category", "REGISTERED, or PENDING or EXPIRED: never signed in")  # fmt: skip
MUST_CHANGE = C("must_change_password", "mustChangePw", "boolean", "a new password is due at the next login")  # fmt: skip
MFA = C("mfa_configured", "mfaConfigured", "boolean", "has at least one second factor")
SCIM = C("scim_user", "scimUser", "boolean", "kept by the identity provider through SCIM")
AUTH_TYPE = C("auth_type", "authType", "category", "how they sign in: NATIVE or SSO")
ASSIGNED = C("assigned_device_ids", "assignedDeviceIds", "ids", "devices of which they are the owner")  # fmt: skip

NAMED = (
    C("first_name", "firstName", "text", "first name; names repeat"),
    C("last_name", "lastName", "text", "last name"),
    C("email", "email", "text", "e-mail address, in mixed case; some have none"),
    C("phone", "phone", "text", "telephone number, mostly missing"),
)  # fmt: skip
IDENTIFIED = (
    C("user_id", "id", "id", "the user; the user_id of activities"),
    C("user_uid", "uid", "text", "the same across instances; the owner_uid of devices"),
)  # fmt: skip
ENABLED = C("enabled", "enabled", "boolean", "may sign in")

USER = (
    *IDENTIFIED,
    *NAMED,
    ENABLED,
    C("administrator", "administrator", "boolean", "a system administrator"),
    C("permit_all_organizations", "permitAllClients", "boolean", "sees every organization"),
    C("notify_all_organizations", "notifyAllClients", "boolean", "is notified about every organization"),
    MUST_CHANGE,
    MFA,
    C("user_type", "userType", "category", "TECHNICIAN or END_USER"),
    INVITATION,
    C("organization_id", "organizationId", "id", "the organization of an end user"),
    C("accessible_device_ids", "deviceIds", "ids", "devices that an end user may reach"),
    ASSIGNED,
    ROLES,
)  # fmt: skip

TABLES = (
    Table(
        "users", "/v2/users", "none",
        "everybody who can sign in: technicians and end users", ("user_id",), USER,
        (
            Parameter("user_type", "userType", "text", "only this kind of user", ("TECHNICIAN", "END_USER")),
            INCLUDE_ROLES,
        ),
        known="unknown",
    ),
    Table(
        "organization_end_users", "/v2/organization/{organization_id}/end-users", "none",
        "the end users of one organization", ("user_id",), USER, (INCLUDE_ROLES,),
        per=("organization_id",), known="unknown",
    ),
    Table(
        "technicians", "/v2/user/technicians", "none",
        "the technicians, with how they sign in", ("user_id",),
        (
            *IDENTIFIED, ENABLED, *NAMED, MUST_CHANGE, MFA, SCIM, AUTH_TYPE,
            C("user_type", "userType", "category", "always TECHNICIAN"),
            INVITATION,
            C("notify_all_organizations", "notifyAllClients", "boolean", "is notified about every organization"),
            C("administrator", "administrator", "boolean", "a system administrator"),
            ASSIGNED, ROLES,
        ),
        known="unknown",
    ),
    Table(
        "end_users", "/v2/user/end-users", "none",
        "the end users, with how they sign in and which devices are theirs", ("user_id",),
        (
            *IDENTIFIED, ENABLED, *NAMED,
            C("organization_id", "organizationId", "id", "the organization they belong to"),
            C("full_portal_access", "fullPortalAccess", "boolean", "sees the whole organization in the portal"),
            MUST_CHANGE, MFA, SCIM, AUTH_TYPE, INVITATION, ASSIGNED,
            C("accessible_device_ids", "accessibleDeviceIds", "ids", "devices that they may reach"),
            ROLES,
        ),
        known="unknown",
    ),
    Table(
        "contacts", "/v2/contacts", "none",
        "people to write to or to call, who cannot sign in", ("contact_id",),
        (
            C("contact_id", "id", "id", "the contact"),
            C("contact_uid", "uid", "text", "the same across instances"),
            C("organization_id", "organizationId", "id", "the organization they speak for"),
            *NAMED,
            C("job_title", "jobTitle", "text", "what they do there"),
        ),
        known="unknown",
    ),
    Table(
        "user_roles", "/v2/user/roles", "none",
        "the roles that users have, with their members; device roles are in roles", ("user_role_id",),
        (
            C("user_role_id", "id", "id", "the role of users"),
            C("user_role_name", "name", "text", "its name"),
            C("user_type", "type", "category", "for whom it is: TECHNICIAN or END_USER"),
            C("description", "description", "text", "what was noted about it"),
            C(
                "members", "members", "rows", "who has it", "",
                (
                    C("user_id", "id", "id", "the user"),
                    C("email", "email", "text", "e-mail address"),
                    C("user_name", "name", "text", "first and last name"),
                    C("source", "source", "category", "where the assignment comes from"),
                ),
            ),
        ),
        (Parameter("role_type", "roleType", "text", "only roles of this kind of user", ("TECHNICIAN", "END_USER")),),
        known="unknown",
    ),
)  # fmt: skip
