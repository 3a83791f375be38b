"""Backups by NinjaOne: jobs, integrity checks, and the space that they take by device and place."""

from __future__ import annotations

from ninja_analytics.catalog.columns import DEVICE_ID, DEVICE_ROW, REFERENCES
from ninja_analytics.catalog.shapes import C, Column, Parameter, Table

# name, field and meaning of what a backup takes up
_USAGE = (
    ("cloud_bytes", "cloudTotalSize", "all that is in the cloud"),
    ("local_bytes", "localTotalSize", "all that is on site"),
    ("revisions_bytes", "revisionsTotalSize", "all revisions"),
    ("revisions_current_bytes", "revisionsCurrentSize", "the newest revision of each file"),
    ("revisions_previous_bytes", "revisionsPreviousSize", "older revisions"),
    ("revisions_deleted_bytes", "revisionsDeletedSize", "revisions of files that were deleted"),
    ("cloud_image_bytes", "cloudImageSize", "images in the cloud, first format"),
    ("cloud_image_v2_bytes", "cloudImageV2Size", "images in the cloud, second format"),
    ("cloud_file_bytes", "cloudFileFolderSize", "files and folders in the cloud"),
    ("cloud_network_share_bytes", "cloudNetworkShareSize", "network shares in the cloud"),
    ("local_image_bytes", "localImageSize", "images on site, first format"),
    ("local_image_v2_bytes", "localImageV2Size", "images on site, second format"),
    ("local_file_bytes", "localFileFolderSize", "files and folders on site"),
)


def _usage(within: str = "") -> tuple[Column, ...]:
    """The columns of what backups take up, whose fields lie *within* another."""
    sizes = (C(name, within + field, "integer", means, "bytes") for name, field, means in _USAGE)
    return (
        *sizes,
        C("last_success_at", f"{within}lastSuccessfulBackupJob", "time", "end of the last good job; may come only with include_last_job_times"),
        C("last_failure_at", f"{within}lastFailedBackupJob", "time", "end of the last failed job; may come only with include_last_job_times"),
    )  # fmt: skip


_JOB = (
    C("job_id", "jobId", "text", "the job"),
    DEVICE_ID,
    C("organization_id", "organizationId", "id", "the organization of the device"),
    C("location_id", "locationId", "id", "the location of the device"),
    C("started_at", "jobStartTime", "time", "when it began"),
    C("ended_at", "jobEndTime", "time", "when it was over; missing while it runs"),
    C("job_status", "jobStatus", "category", "PROCESSING, RUNNING, COMPLETED, CANCELED or FAILED"),
    C("plan_name", "planName", "text", "the backup plan; named alike on many devices"),
    C("plan_type", "planType", "category", "IMAGE or FILE_FOLDER"),
    C("plan_uid", "planGuid", "text", "the plan of this device"),
    C("destination", "destination", "category", "where to: cloud, local or both"),
    C("source_job_id", "sourceJobId", "text", "the job on which it builds, or which it checks"),
    C("stored_bytes", "totalStoredBytes", "integer", "what the job stored", "bytes"),
    C("actual_storage_bytes", "totalActualStorageBytes", "integer", "what that takes up, packed", "bytes"),
    C("files_uploaded", "filesUploaded", "integer", "files that were sent"),
    C("upsync_started_at", "upsyncJob.startTime", "time", "when the copy to the cloud began"),
    C("upsync_ended_at", "upsyncJob.endTime", "time", "when it was over"),
    C("upsync_status", "upsyncJob.status", "category", "how it went"),
    C("upsync_files_uploaded", "upsyncJob.filesUploaded", "integer", "files that it sent"),
    C("upsync_bytes", "upsyncJob.bytesUploaded", "integer", "what it sent", "bytes"),
)  # fmt: skip

_FILTERS = (
    Parameter("include", "include", "text", "of which devices; without it only of those that are there", ("active", "deleted", "all")),
    Parameter("deleted_device_filter", "ddf", "text", "a device filter for the deleted ones, e.g. org = 7"),
    Parameter("status_filter", "sf", "text", "e.g. status = FAILED, or status in (RUNNING, PROCESSING)"),
    Parameter("plan_type_filter", "ptf", "text", "e.g. planType = IMAGE, or planType in (IMAGE, FILE_FOLDER)"),
    Parameter("start_time_filter", "stf", "text", "startTime after 2026-01-31T00:00:00Z, or startTime between (a,b)"),
)  # fmt: skip

# The references of a device that the usage report spells out.
_TOLD = ("organization_reference", "location_reference", "backup_usage_reference")

TABLES = (
    Table(
        "backup_jobs", "/v2/backup/jobs", "cursor",
        "backup jobs, good and bad; ask with start_time_filter", ("job_id",),
        _JOB, _FILTERS, True, page_size=10_000, page_size_range=(1, 10_000), rows_in="results",
        rows_per_device=4.5, licence="Backup", known="seen",
    ),
    Table(
        "integrity_check_jobs", "/v2/backup/integrity-check-jobs", "cursor",
        "checks whether a backup can be restored", ("job_id",),
        _JOB, _FILTERS, True, page_size=10_000, page_size_range=(1, 10_000), rows_in="results",
        rows_per_device=0.3, licence="Backup", known="seen",
    ),
    Table(
        "backup_usage", "/v2/queries/backup/usage", "cursor",
        "what the backups of each device take up; zeros for a device without backups", ("device_id",),
        (
            *DEVICE_ROW,
            C("organization_name", "references.organization.name", "text", "its organization"),
            C("organization_description", "references.organization.description", "text", "what was noted about that"),
            C("organization_approval_mode", "references.organization.nodeApprovalMode", "category", "how that lets new devices in"),
            C("organization_user_data", "references.organization.userData", "json", "attributes of that, set through the API"),
            C("organization_reference_id", "references.organization.id", "id", "the same as organization_id"),
            C("location_name", "references.location.name", "text", "its location"),
            C("location_address", "references.location.address", "text", "where that is"),
            C("location_description", "references.location.description", "text", "what was noted about that"),
            C("location_user_data", "references.location.userData", "json", "attributes of that, set through the API"),
            C("location_reference_id", "references.location.id", "id", "the same as location_id"),
            *_usage("references.backupUsage."),
            *(column for column in REFERENCES if column.name not in _TOLD),
        ),
        (
            Parameter("include_deleted_devices", "includeDeletedDevices", "boolean", "also devices that were deleted"),
            Parameter("include_last_job_times", "includeLastBackupJobTimes", "boolean", "the times of the last jobs (named in the text of the documentation only)"),
        ),
        rows_in="results", rows_per_device=1, licence="Backup", known="seen",
    ),
    Table(
        "organization_backup_usage", "/v2/organization/{organization_id}/locations/backup/usage", "none",
        "what the backups of an organization take up, by location", ("organization_id", "location_id"),
        (
            C("organization_id", "organizationId", "id", "the organization"),
            C("organization_name", "organizationName", "text", "its name"),
            C("location_id", "locationId", "id", "the location"),
            C("location_name", "locationName", "text", "its name"),
            C("location_description", "locationDescription", "text", "what was noted about it"),
            *_usage(),
        ),
        per=("organization_id",), fails_if_unset=True, licence="Backup",
    ),
)  # fmt: skip
