"""The failure modes that landed knows, the most specific first. One file each."""

from __future__ import annotations

from landed.core.diagnosis import Diagnosis
from landed.diagnoses import (
    build_failed,
    change_not_running,
    claimed_commit,
    commit_not_pushed,
    earlier_build,
    execution_failed,
    fix_ineffective,
    ignored_by_dockerignore,
    ignored_by_upload,
    lfs_pointer,
    missing_dependency,
    new_error,
    next_bug,
    nothing_pushed,
    old_entries,
    other_commit_built,
    pick_missing,
    reverted,
    spec_not_updated,
    stale_clone,
    stale_tracking_ref,
    submodule_behind,
    tag_not_moved,
    uncommitted_change,
    untracked_file,
    upload_not_clone,
    wrong_branch,
    wrong_context,
)

DIAGNOSES: tuple[Diagnosis, ...] = tuple(
    module.DIAGNOSIS
    for module in (
        earlier_build,
        untracked_file,
        uncommitted_change,
        ignored_by_upload,
        lfs_pointer,
        submodule_behind,
        reverted,
        stale_tracking_ref,
        pick_missing,
        wrong_branch,
        commit_not_pushed,
        other_commit_built,
        stale_clone,
        upload_not_clone,
        build_failed,
        nothing_pushed,
        wrong_context,
        ignored_by_dockerignore,
        claimed_commit,
        tag_not_moved,
        spec_not_updated,
        execution_failed,
        change_not_running,
        missing_dependency,
        next_bug,
        fix_ineffective,
        new_error,
        old_entries,
    )
)
"""Within one link the order decides which of several that fit is named first."""
