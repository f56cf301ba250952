BEGIN TRANSACTION;
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
INSERT INTO "application_versions" VALUES('e1d59a0f-3a36-446e-8e41-61d41c593d0d','1',1795665681000,1795665681000,'landed');
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',1,'check','{"step":"check","status":"holds","because":"b84bdc965e is on main of origin, and the work tree adds nothing","began_at":"2026-11-26T04:01:21.528407Z","ended_at":"2026-11-26T04:01:21.588746Z","facts":{"taken":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","ref":"refs/heads/main","remote":"origin"},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665681500,1795665681588,'portable_json','landed',1795665681000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',2,'build','{"step":"build","status":"holds","because":"build build-20261126-040121-634512-d095 of b84bdc965e made sha256:410e10a81e98","began_at":"2026-11-26T04:01:21.614165Z","ended_at":"2026-11-26T04:01:21.776080Z","facts":{"build":"build-20261126-040121-634512-d095","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","image":"worker@sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b"},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665681610,1795665681776,'portable_json','landed',1795665681000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',3,'prove','{"step":"prove","status":"holds","because":"3 files compared, all equal to the source","began_at":"2026-11-26T04:01:21.805611Z","ended_at":"2026-11-26T04:01:21.944197Z","facts":{},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665681804,1795665681944,'portable_json','landed',1795665681000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',4,'smoke','{"step":"smoke","status":"holds","because":"python -c ''import app.job'' passed in the image (bwrap)","began_at":"2026-11-26T04:01:21.955889Z","ended_at":"2026-11-26T04:01:22.438604Z","facts":{"smoke":["python","-c","import app.job"],"said":[],"isolation":"bwrap"},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665681955,1795665682438,'portable_json','landed',1795665682000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',5,'deploy','{"step":"deploy","status":"holds","because":"job worker is pinned to sha256:410e10a81e98","began_at":"2026-11-26T04:01:22.447807Z","ended_at":"2026-11-26T04:01:22.490007Z","facts":{},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665682447,1795665682490,'portable_json','landed',1795665682000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',6,'execute','{"step":"execute","status":"holds","because":"worker-20261126-040122-500856-4749 ended: succeeded","began_at":"2026-11-26T04:01:22.495313Z","ended_at":"2026-11-26T04:01:23.342622Z","facts":{"execution":"worker-20261126-040122-500856-4749"},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665682494,1795665683342,'portable_json','landed',1795665683000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',7,'logs','{"step":"logs","status":"holds","because":"the expected work is seen (1 entry), and no error of the change''s","began_at":"2026-11-26T04:01:23.344882Z","ended_at":"2026-11-26T04:01:23.506830Z","facts":{"trace":{"schema":"landed/trace/v1","change":{"asked":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker"},"environment":"dev","answers":{"in_there":"yes","by_the_book":"yes","did_it_help":"yes"},"answers_because":{"in_there":"sha256:410e10a81e98 has its effect in 1 file, by content","by_the_book":"anyone can build it again from b84bdc965e (source only: its base and its RUN steps are not pinned)","did_it_help":"`expression ''School'' failed to locate a name (''School'')` was there before, and is gone"},"deployable":"worker","effect":"some","through":"healed","verdict":"proved","first_break":null,"first_unseen":null,"links":[{"link":"committed","status":"holds","subject":{"head":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","branch":"main"},"diagnosis":null,"also":[],"ruled_out":[],"because":"every file that the build reads is as HEAD b84bdc965e has it","remedy":[],"notes":[],"evidence":[{"station":"work-tree","strength":"content","facts":{"head":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","branch":"main","counts":{},"first":[]},"see":"git status --porcelain --ignored","observed_at":"2026-11-26T04:01:23.367998Z"}]},{"link":"pushed","status":"holds","subject":{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","remote":"origin","ref":"refs/heads/main","tip":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"},"diagnosis":null,"also":[],"ruled_out":[],"because":"main on origin contains b84bdc965e","remedy":[],"notes":[],"evidence":[{"station":"remote","strength":"recorded","facts":{"ref":"refs/heads/main","tip":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","asked":"/srv/landed-before/sqlite/remote.git","default":"refs/heads/main","in history":true,"presence":"present","because":"it is the tip"},"see":"git ls-remote origin refs/heads/main","observed_at":"2026-11-26T04:01:23.368053Z"}]},{"link":"sourced","status":"holds","subject":{"kind":"clone","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","ref":"refs/heads/main","build":"build-20261126-040121-634512-d095"},"diagnosis":null,"also":[],"ruled_out":[],"because":"the builder cloned b84bdc965e of main","remedy":[],"notes":[],"evidence":[{"station":"source","strength":"recorded","facts":{"build":"build-20261126-040121-634512-d095","url":"/srv/landed-before/sqlite/remote.git","ref":"refs/heads/main","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","requested":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"},"see":"cat /srv/landed-before/sqlite/work/.landed/cloud/builds/build-20261126-040121-634512-d095/build.json","observed_at":"2026-11-26T04:01:23.404511Z"}]},{"link":"built","status":"holds","subject":{"build":"build-20261126-040121-634512-d095","digests":["sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b"]},"diagnosis":null,"also":[],"ruled_out":[],"because":"build build-20261126-040121-634512-d095 succeeded and pushed sha256:410e10a81e98","remedy":[],"notes":[],"evidence":[{"station":"build","strength":"recorded","facts":{"id":"build-20261126-040121-634512-d095","status":"SUCCESS","finished":"2026-11-26T04:01:21.756184Z","images":[["worker:commit-b84bdc965eb1","sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b"]],"not_run":[]},"see":"cat /srv/landed-before/sqlite/work/.landed/cloud/builds/build-20261126-040121-634512-d095/build.json","observed_at":"2026-11-26T04:01:23.369085Z"}]},{"link":"packed","status":"holds","subject":{"digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","compared":3},"diagnosis":null,"also":[],"ruled_out":[],"because":"3 files compared, all equal to the source","remedy":[],"notes":[],"evidence":[{"station":"image","strength":"content","facts":{"digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","compared":3,"equal":3,"differs":[],"held_by":{},"generated":0,"extra":0,"claims":[["build argument COMMIT_SHA","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true],["label org.opencontainers.image.revision","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true],["substitution COMMIT_SHA","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true]],"not_run":[]},"see":"landed trace --digest sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b --json","observed_at":"2026-11-26T04:01:23.424345Z"},{"station":"image","strength":"claimed","facts":{"where":"build argument COMMIT_SHA","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true},"see":"landed trace --digest sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b --json","observed_at":"2026-11-26T04:01:23.424352Z"},{"station":"image","strength":"claimed","facts":{"where":"label org.opencontainers.image.revision","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true},"see":"landed trace --digest sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b --json","observed_at":"2026-11-26T04:01:23.424353Z"},{"station":"image","strength":"claimed","facts":{"where":"substitution COMMIT_SHA","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true},"see":"landed trace --digest sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b --json","observed_at":"2026-11-26T04:01:23.424353Z"}]},{"link":"published","status":"holds","subject":{"digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b"},"diagnosis":null,"also":[],"ruled_out":[],"because":"worker names sha256:410e10a81e98 itself","remedy":[],"notes":[],"evidence":[{"station":"deployment","strength":"recorded","facts":{"job":"worker","image":"worker@sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","updated":"2026-11-26T04:01:22.475854Z","by":"0@host"},"see":"cat /srv/landed-before/sqlite/work/.landed/cloud/jobs/worker/job.json","observed_at":"2026-11-26T04:01:23.387314Z"}]},{"link":"deployed","status":"holds","subject":{"deployment":"worker","image":"worker@sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","built":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b"},"diagnosis":null,"also":[],"ruled_out":[],"because":"job worker is on sha256:410e10a81e98","remedy":[],"notes":[],"evidence":[{"station":"deployment","strength":"recorded","facts":{"job":"worker","image":"worker@sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","updated":"2026-11-26T04:01:22.475854Z","by":"0@host"},"see":"cat /srv/landed-before/sqlite/work/.landed/cloud/jobs/worker/job.json","observed_at":"2026-11-26T04:01:23.387314Z"}]},{"link":"ran","status":"holds","subject":{"execution":"worker-20261126-040122-500856-4749","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b"},"diagnosis":null,"also":[],"ruled_out":[],"because":"execution worker-20261126-040122-500856-4749 ran sha256:410e10a81e98 and finished","remedy":[],"notes":[],"evidence":[{"station":"execution","strength":"recorded","facts":{"id":"worker-20261126-040122-500856-4749","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","status":"SUCCEEDED","exit_code":0,"isolation":"bwrap","python":"3.11.7","packages":["SQLAlchemy==2.0.58","greenlet==3.5.6","pip==23.2.1","setuptools==65.5.0","typing_extensions==4.16.0"],"modules":{"image":3,"runtime":51,"foreign":[]}},"see":"cat /srv/landed-before/sqlite/work/.landed/cloud/executions/worker-20261126-040122-500856-4749/execution.json","observed_at":"2026-11-26T04:01:23.387466Z"}]},{"link":"healed","status":"holds","subject":{"execution":"worker-20261126-040122-500856-4749","entries":2},"diagnosis":null,"also":[],"ruled_out":[],"because":"the expected work is seen (1 entry), and no error of the change''s","remedy":[],"notes":[],"evidence":[{"station":"logs","strength":"recorded","facts":{"execution":"worker-20261126-040122-500856-4749","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","entries":2,"first":"2026-11-26T04:01:23.112423Z","last":"2026-11-26T04:01:23.112659Z","errors":[],"gone":[["8afcc03fe778","LookupError: expression ''School'' failed to locate a name (''School'')"]],"compared_with":1},"see":"landed cloud logs worker --execution worker-20261126-040122-500856-4749","observed_at":"2026-11-26T04:01:23.497160Z"}]},{"link":"held","status":"unseen","subject":{},"diagnosis":null,"also":[],"ruled_out":[],"because":"no watch was opened over it","remedy":[],"notes":[],"evidence":[]}],"observed_at":"2026-11-26T04:01:23.497169Z","landed":"0.1.0"}},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665683344,1795665683507,'portable_json','landed',1795665683000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',8,'watch','{"step":"watch","status":"holds","because":"watched until 2026-11-27 04:01:23Z, with 6 checkpoints","began_at":"2026-11-26T04:01:23.523354Z","ended_at":"2026-11-26T04:01:23.622663Z","facts":{"watch":"watch-ship-20261126-040121-137640-91dd","opened":{"id":"watch-ship-20261126-040121-137640-91dd","deployable":"worker","environment":"dev","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker","digest":"sha256:410e10a81e98e381b6bfa602d0e29c20f98016035524ffaf373e9aabfc64747b","fixes":[{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker","errors":["expression ''School'' failed to locate a name (''School'')"]}],"named":[{"name":"expression ''School'' failed to locate a name (''School'')","identity":null,"contains":"expression ''School'' failed to locate a name (''School'')"}],"opened_at":"2026-11-26T04:01:23.541066Z","every":"PT14400S","checkpoints":6,"baseline":[{"execution":"worker-20261126-040120-744047-bb15","digest":"sha256:e3b910905b01375b50353e61552596548f83daa7e4278c3e8344df028a3f7f0b","started_at":"2026-11-26T04:01:20.744085Z","named":["expression ''School'' failed to locate a name (''School'')"],"errors":[]}]}},"diagnosis":null,"remedy":[]}',NULL,NULL,1795665683520,1795665683622,'portable_json','landed',1795665683000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',9,'record','{"entry":2,"hash":"8d7d2f22a2b13577d32b5bf956dd26209eb29d6003d8722d7b326039cd740982"}',NULL,NULL,1795665683631,1795665683666,'portable_json','landed',1795665683000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',10,'first-look','{"number":1,"seconds":14399.865175}',NULL,NULL,1795665683674,1795665683675,'portable_json','landed',1795665683000);
INSERT INTO "operation_outputs" VALUES('ship-20261126-040121-137640-91dd',11,'look',NULL,NULL,'watch-ship-20261126-040121-137640-91dd/1',1795665683682,1795665683683,NULL,'landed',1795665683000);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('ship-20261126-040121-137640-91dd','{"namedArgs":{},"positionalArgs":[{"id":"ship-20261126-040121-137640-91dd","attempt":1,"asked":"HEAD","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker","deployable":"worker","environment":"dev","steps":["check","build","prove","smoke","deploy","execute","logs","watch"],"ordered_at":"2026-11-26T04:01:21.147095Z","push":false,"back":false,"done":[]}]}',1795665681000);
INSERT INTO "workflow_input" VALUES('watch-ship-20261126-040121-137640-91dd/1','{"namedArgs":{},"positionalArgs":["watch-ship-20261126-040121-137640-91dd",1]}',1795665683000);
INSERT INTO "workflow_input" VALUES('ship-20261126-040124-936627-5bd4','{"namedArgs":{},"positionalArgs":[{"id":"ship-20261126-040124-936627-5bd4","attempt":1,"asked":"HEAD","commit":"f7b23a15488daaba1a8ba3d60775be5cc5fd7257","subject":"Work twice","deployable":"worker","environment":"dev","steps":["check","build","prove","smoke","deploy","execute","logs","watch"],"ordered_at":"2026-11-26T04:01:24.939741Z","push":false,"back":false,"done":[]}]}',1795665685000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_output" VALUES('ship-20261126-040121-137640-91dd','{"verdict":"proved"}',NULL,1795665683000);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('ship-20261126-040121-137640-91dd','SUCCESS','ship',NULL,NULL,NULL,NULL,NULL,NULL,'here-20261126-040121-336707-5534',1795665681000,1795665683000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,'portable_json',NULL,0,0,1795665683000,'null',NULL,NULL,0,'landed','6d4b3242-b762-46c6-aa6a-5e3835f7ec93');
INSERT INTO "workflow_status" VALUES('watch-ship-20261126-040121-137640-91dd/1','DELAYED','look',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795665683000,1795665683000,'1','',NULL,NULL,0,'looks',NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,'ship-20261126-040121-137640-91dd','portable_json',1795680083547,0,0,NULL,'null',NULL,NULL,0,'landed','b0b7e5aa-de9e-463f-aa94-8bb7f548bd30');
INSERT INTO "workflow_status" VALUES('ship-20261126-040124-936627-5bd4','PENDING','ship',NULL,NULL,NULL,NULL,NULL,NULL,'here-20261126-040124-968353-18a3',1795665685000,1795665685000,'1','',NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,'205024a2-c341-486f-85d8-14ae514a77d0',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'landed','205024a2-c341-486f-85d8-14ae514a77d0');
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
COMMIT;
