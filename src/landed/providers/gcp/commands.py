"""What a person types on Google Cloud to mend a link."""

from __future__ import annotations

from landed.core.probe import Workload, WorkloadKind
from landed.core.seen import Commands
from landed.core.words import literal
from landed.providers.gcp import logs
from landed.providers.gcp.place import Place

DOCKERFILE = "Dockerfile"


def commands(
    place: Place, workload: Workload | None, folder: str = "", dockerfile: str = DOCKERFILE
) -> Commands:
    """Gcloud's commands, with project and region. `folder` of the repository is built, by this
    Dockerfile: `--tag` knows none of another name, so a build file has to say it then.
    """
    project = literal(place.project)
    there = f"--region {literal(place.region)} --project {project}"
    builds = f"--region {literal(place.build_region)} --project {project}"
    kind = workload.kind if workload else WorkloadKind.JOB
    name = literal(workload.name if workload else kind.value.upper())
    known = workload or Workload(kind=kind, name=kind.value.upper())
    wanted = literal(logs.the_filter(known, place.region, "EXECUTION_ID"))
    inside = f" --git-source-dir {literal(folder)}" if folder else ""
    how = f"{inside} " + (
        "--tag {image}" if dockerfile == DOCKERFILE else "--config cloudbuild.yaml"
    )
    build = "gcloud builds submit {url} --git-source-revision"
    again = "gcloud builds triggers run {trigger}"
    runs = "services" if kind is WorkloadKind.SERVICE else "jobs"
    if kind is WorkloadKind.SERVICE:
        deploy = f"gcloud run services update {name} --image {{image}} {there}"
        execute = (
            f"curl \"$(gcloud run services describe {name} --format 'value(status.url)' {there})\""
        )
    else:
        deploy = f"gcloud run jobs update {name} --image {{image}} {there}"
        execute = f"gcloud run jobs execute {name} --wait {there}"
    return Commands(
        build=f"{build} {{ref}}{how} {builds}",
        build_commit=f"{build} {{commit}}{how} {builds}",
        again=f"{again} --branch {{ref}} --project {project}",
        again_commit=f"{again} --sha {{commit}} --project {project}",
        deploy=deploy,
        execute=execute,
        set=f"gcloud run {runs} update {name} --update-env-vars {{variable}} {there}",
        logs=f"gcloud logging read {wanted.replace('EXECUTION_ID', '{execution}')} "
        f"--order=asc --format='value(textPayload,jsonPayload.message)' --project {project}",
        anywhere=f"gcloud logging read {literal(logs.the_filter(known, place.region))} "
        f"--limit 50 --format='value(timestamp,logName,resource.labels,textPayload)' "
        f"--project {project}",
        route=f"gcloud run services update-traffic {name} --to-latest {there}",
    )
