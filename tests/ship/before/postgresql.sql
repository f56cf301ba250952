--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: dbos; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA dbos;


--
-- Name: enqueue_workflow(text, text, json[], json, text, text, text, text, bigint, bigint, text, integer, text, text, text, bigint, text); Type: FUNCTION; Schema: dbos; Owner: -
--

CREATE FUNCTION dbos.enqueue_workflow(workflow_name text, queue_name text, positional_args json[] DEFAULT ARRAY[]::json[], named_args json DEFAULT '{}'::json, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text, workflow_id text DEFAULT NULL::text, app_version text DEFAULT NULL::text, timeout_ms bigint DEFAULT NULL::bigint, deadline_epoch_ms bigint DEFAULT NULL::bigint, deduplication_id text DEFAULT NULL::text, priority integer DEFAULT NULL::integer, queue_partition_key text DEFAULT NULL::text, authenticated_user text DEFAULT NULL::text, authenticated_roles text DEFAULT NULL::text, delay_until_epoch_ms bigint DEFAULT NULL::bigint, application_name text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    v_workflow_id TEXT;
    v_serialized_inputs TEXT;
    v_owner_xid TEXT;
    v_now BIGINT;
    v_recovery_attempts INT4 := 0;
    v_priority INT4;
    v_status TEXT;
BEGIN

    -- Validate required parameters
    IF workflow_name IS NULL OR workflow_name = '' THEN
        RAISE EXCEPTION 'Workflow name cannot be null or empty';
    END IF;
    IF queue_name IS NULL OR queue_name = '' THEN
        RAISE EXCEPTION 'Queue name cannot be null or empty';
    END IF;
    IF named_args IS NOT NULL AND jsonb_typeof(named_args::jsonb) != 'object' THEN
        RAISE EXCEPTION 'Named args must be a JSON object';
    END IF;
    IF workflow_id IS NOT NULL AND workflow_id = '' THEN
        RAISE EXCEPTION 'Workflow ID cannot be an empty string if provided.';
    END IF;
    IF delay_until_epoch_ms IS NOT NULL AND delay_until_epoch_ms < 0 THEN
        RAISE EXCEPTION 'delay_until_epoch_ms must be >= 0';
    END IF;

    v_workflow_id := COALESCE(workflow_id, gen_random_uuid()::TEXT);
    v_owner_xid := gen_random_uuid()::TEXT;
    v_priority := COALESCE(priority, 0);
    v_serialized_inputs := json_build_object(
        'positionalArgs', positional_args,
        'namedArgs', named_args
    )::TEXT;
    v_now := EXTRACT(epoch FROM now()) * 1000;
    v_status := CASE WHEN delay_until_epoch_ms IS NULL THEN 'ENQUEUED' ELSE 'DELAYED' END;

    INSERT INTO "dbos".workflow_status (
        workflow_uuid, status,
        name, class_name, config_name,
        queue_name, deduplication_id, priority, queue_partition_key,
        application_version,
        created_at, updated_at, recovery_attempts,
        workflow_timeout_ms, workflow_deadline_epoch_ms,
        parent_workflow_id, owner_xid, serialization,
        authenticated_user, authenticated_roles,
        delay_until_epoch_ms, application_name
    ) VALUES (
        v_workflow_id, v_status,
        workflow_name, class_name, config_name,
        queue_name, deduplication_id, v_priority, queue_partition_key,
        app_version,
        v_now, v_now, v_recovery_attempts,
        timeout_ms, deadline_epoch_ms,
        NULL, v_owner_xid, 'portable_json',
        authenticated_user, authenticated_roles,
        delay_until_epoch_ms, application_name
    )
    ON CONFLICT (workflow_uuid)
    DO UPDATE SET
        updated_at = EXCLUDED.updated_at;

    INSERT INTO "dbos".workflow_input (
        workflow_uuid, inputs, retention_timestamp
    ) VALUES (
        v_workflow_id, v_serialized_inputs, v_now
    )
    ON CONFLICT (workflow_uuid) DO NOTHING;

    RETURN v_workflow_id;

EXCEPTION
    WHEN unique_violation THEN
        RAISE EXCEPTION 'DBOS queue duplicated'
            USING DETAIL = format('Workflow %s with queue %s and deduplication ID %s already exists', v_workflow_id, queue_name, deduplication_id),
                ERRCODE = 'unique_violation';
END;
$$;


--
-- Name: notifications_function(); Type: FUNCTION; Schema: dbos; Owner: -
--

CREATE FUNCTION dbos.notifications_function() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    payload text := NEW.destination_uuid || '::' || NEW.topic;
BEGIN
    PERFORM pg_notify('dbos_notifications_channel', payload);
    RETURN NEW;
END;
$$;


--
-- Name: send_message(text, json, text, text); Type: FUNCTION; Schema: dbos; Owner: -
--

CREATE FUNCTION dbos.send_message(destination_id text, message json, topic text DEFAULT NULL::text, message_id text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    v_topic TEXT := COALESCE(topic, '__null__topic__');
    v_message_id TEXT := COALESCE(message_id, gen_random_uuid()::TEXT);
BEGIN
    INSERT INTO "dbos".notifications (
        destination_uuid, topic, message, message_uuid, serialization
    ) VALUES (
        destination_id, v_topic, message, v_message_id, 'portable_json'
    )
    ON CONFLICT (message_uuid) DO NOTHING;
EXCEPTION
    WHEN foreign_key_violation THEN
        RAISE EXCEPTION 'DBOS non-existent workflow'
            USING DETAIL = format('Destination workflow %s does not exist', destination_id),
                ERRCODE = 'foreign_key_violation';
END;
$$;


--
-- Name: entries_refuse(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.entries_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: application_versions; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.application_versions (
    version_id text NOT NULL,
    version_name text NOT NULL,
    version_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_name text
);


--
-- Name: dbos_migrations; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.dbos_migrations (
    version bigint NOT NULL
);


--
-- Name: event_dispatch_kv; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.event_dispatch_kv (
    service_name text NOT NULL,
    workflow_fn_name text NOT NULL,
    key text NOT NULL,
    value text,
    update_seq numeric(38,0),
    update_time numeric(38,15)
);


--
-- Name: notifications; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.notifications (
    message_uuid text DEFAULT gen_random_uuid() NOT NULL,
    destination_uuid text NOT NULL,
    topic text,
    message text NOT NULL,
    created_at_epoch_ms bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    serialization text,
    consumed boolean DEFAULT false NOT NULL,
    consumed_by_function_id integer
);


--
-- Name: operation_outputs; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.operation_outputs (
    workflow_uuid text NOT NULL,
    function_id integer NOT NULL,
    function_name text DEFAULT ''::text NOT NULL,
    output text,
    error text,
    child_workflow_id text,
    started_at_epoch_ms bigint,
    completed_at_epoch_ms bigint,
    serialization text,
    application_name text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);


--
-- Name: queues; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.queues (
    queue_id text DEFAULT (gen_random_uuid())::text NOT NULL,
    name text NOT NULL,
    concurrency integer,
    worker_concurrency integer,
    rate_limit_max integer,
    rate_limit_period_sec double precision,
    priority_enabled boolean DEFAULT false NOT NULL,
    partition_queue boolean DEFAULT false NOT NULL,
    polling_interval_sec double precision DEFAULT 1.0 NOT NULL,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    updated_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_name text,
    partition_concurrency integer,
    partition_worker_concurrency integer,
    partition_rate_limit_max integer,
    partition_rate_limit_period_sec double precision
);


--
-- Name: streams; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.streams (
    workflow_uuid text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    "offset" integer NOT NULL,
    function_id integer DEFAULT 0 NOT NULL,
    serialization text
);


--
-- Name: workflow_events; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_events (
    workflow_uuid text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    serialization text
);


--
-- Name: workflow_events_history; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_events_history (
    workflow_uuid text NOT NULL,
    function_id integer NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    serialization text
);


--
-- Name: workflow_input; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_input (
    workflow_uuid text NOT NULL,
    inputs text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);


--
-- Name: workflow_output; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_output (
    workflow_uuid text NOT NULL,
    output text,
    error text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);


--
-- Name: workflow_schedules; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_schedules (
    schedule_id text NOT NULL,
    schedule_name text NOT NULL,
    workflow_name text NOT NULL,
    workflow_class_name text,
    schedule text NOT NULL,
    status text DEFAULT 'ACTIVE'::text NOT NULL,
    context text NOT NULL,
    last_fired_at text,
    automatic_backfill boolean DEFAULT false NOT NULL,
    cron_timezone text,
    queue_name text,
    application_name text
);


--
-- Name: workflow_status; Type: TABLE; Schema: dbos; Owner: -
--

CREATE TABLE dbos.workflow_status (
    workflow_uuid text NOT NULL,
    status text,
    name text,
    authenticated_user text,
    assumed_role text,
    authenticated_roles text,
    request text,
    output text,
    error text,
    executor_id text,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    updated_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_version text,
    application_id text,
    class_name character varying(255) DEFAULT NULL::character varying,
    config_name character varying(255) DEFAULT NULL::character varying,
    recovery_attempts bigint DEFAULT 0,
    queue_name text,
    workflow_timeout_ms bigint,
    workflow_deadline_epoch_ms bigint,
    inputs text,
    started_at_epoch_ms bigint,
    deduplication_id text,
    priority integer DEFAULT 0 NOT NULL,
    queue_partition_key text,
    forked_from text,
    owner_xid text,
    parent_workflow_id text,
    serialization text,
    delay_until_epoch_ms bigint,
    was_forked_from boolean DEFAULT false NOT NULL,
    rate_limited boolean DEFAULT false NOT NULL,
    completed_at bigint,
    attributes jsonb,
    schedule_name text,
    debounce_deadline_epoch_ms bigint,
    is_debounced boolean DEFAULT false NOT NULL,
    application_name text,
    creator_xid text
);


--
-- Name: entries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.entries (
    id integer NOT NULL,
    at character varying(32) NOT NULL,
    kind character varying(32) NOT NULL,
    body text NOT NULL,
    prev character varying(64) NOT NULL,
    hash character varying(64) NOT NULL,
    CONSTRAINT whole_hashes CHECK (((length((prev)::text) = 64) AND (length((hash)::text) = 64)))
);


--
-- Name: entries_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.entries_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: entries_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.entries_id_seq OWNED BY public.entries.id;


--
-- Name: entries id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entries ALTER COLUMN id SET DEFAULT nextval('public.entries_id_seq'::regclass);


--
-- Data for Name: application_versions; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.application_versions VALUES ('713ad148-da06-48c6-b6f7-2f181d8a49ba', '1', 1795665686852, 1795665686852, 'landed');


--
-- Data for Name: dbos_migrations; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.dbos_migrations VALUES (125);


--
-- Data for Name: event_dispatch_kv; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: notifications; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: operation_outputs; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 1, 'check', '{"step":"check","status":"holds","because":"b84bdc965e is on main of origin, and the work tree adds nothing","began_at":"2026-11-26T04:01:26.926778Z","ended_at":"2026-11-26T04:01:26.952359Z","facts":{"taken":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","ref":"refs/heads/main","remote":"origin"},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665686920, 1795665686952, 'portable_json', 'landed', 1795665686955);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 2, 'build', '{"step":"build","status":"holds","because":"build build-20261126-040126-983567-1ce4 of b84bdc965e made sha256:50978517e252","began_at":"2026-11-26T04:01:26.967931Z","ended_at":"2026-11-26T04:01:27.022724Z","facts":{"build":"build-20261126-040126-983567-1ce4","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665686966, 1795665687022, 'portable_json', 'landed', 1795665687029);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 3, 'prove', '{"step":"prove","status":"holds","because":"3 files compared, all equal to the source","began_at":"2026-11-26T04:01:27.038674Z","ended_at":"2026-11-26T04:01:27.134594Z","facts":{},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665687035, 1795665687134, 'portable_json', 'landed', 1795665687136);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 4, 'smoke', '{"step":"smoke","status":"holds","because":"python -c ''import app.job'' passed in the image (bwrap)","began_at":"2026-11-26T04:01:27.143571Z","ended_at":"2026-11-26T04:01:27.444055Z","facts":{"smoke":["python","-c","import app.job"],"said":[],"isolation":"bwrap"},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665687140, 1795665687444, 'portable_json', 'landed', 1795665687445);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 5, 'deploy', '{"step":"deploy","status":"holds","because":"job worker is pinned to sha256:50978517e252","began_at":"2026-11-26T04:01:27.487776Z","ended_at":"2026-11-26T04:01:27.529772Z","facts":{},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665687482, 1795665687529, 'portable_json', 'landed', 1795665687531);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 6, 'execute', '{"step":"execute","status":"holds","because":"worker-20261126-040127-560102-7a1a ended: succeeded","began_at":"2026-11-26T04:01:27.553851Z","ended_at":"2026-11-26T04:01:28.120239Z","facts":{"execution":"worker-20261126-040127-560102-7a1a"},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665687537, 1795665688120, 'portable_json', 'landed', 1795665688121);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 7, 'logs', '{"step":"logs","status":"holds","because":"the expected work is seen (1 entry), and no error of the change''s","began_at":"2026-11-26T04:01:28.131839Z","ended_at":"2026-11-26T04:01:28.252332Z","facts":{"trace":{"schema":"landed/trace/v1","change":{"asked":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker"},"environment":"dev","answers":{"in_there":"yes","by_the_book":"yes","did_it_help":"yes"},"answers_because":{"in_there":"sha256:50978517e252 has its effect in 1 file, by content","by_the_book":"anyone can build it again from b84bdc965e (source only: its base and its RUN steps are not pinned)","did_it_help":"`expression ''School'' failed to locate a name (''School'')` was there before, and is gone"},"deployable":"worker","effect":"some","through":"healed","verdict":"proved","first_break":null,"first_unseen":null,"links":[{"link":"committed","status":"holds","subject":{"head":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","branch":"main"},"diagnosis":null,"also":[],"ruled_out":[],"because":"every file that the build reads is as HEAD b84bdc965e has it","remedy":[],"notes":[],"evidence":[{"station":"work-tree","strength":"content","facts":{"head":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","branch":"main","counts":{},"first":[]},"see":"git status --porcelain --ignored","observed_at":"2026-11-26T04:01:28.147366Z"}]},{"link":"pushed","status":"holds","subject":{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","remote":"origin","ref":"refs/heads/main","tip":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"},"diagnosis":null,"also":[],"ruled_out":[],"because":"main on origin contains b84bdc965e","remedy":[],"notes":[],"evidence":[{"station":"remote","strength":"recorded","facts":{"ref":"refs/heads/main","tip":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","asked":"/srv/landed-before/postgresql/remote.git","default":"refs/heads/main","in history":true,"presence":"present","because":"it is the tip"},"see":"git ls-remote origin refs/heads/main","observed_at":"2026-11-26T04:01:28.147016Z"}]},{"link":"sourced","status":"holds","subject":{"kind":"clone","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","ref":"refs/heads/main","build":"build-20261126-040126-983567-1ce4"},"diagnosis":null,"also":[],"ruled_out":[],"because":"the builder cloned b84bdc965e of main","remedy":[],"notes":[],"evidence":[{"station":"source","strength":"recorded","facts":{"build":"build-20261126-040126-983567-1ce4","url":"/srv/landed-before/postgresql/remote.git","ref":"refs/heads/main","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","requested":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"},"see":"cat /srv/landed-before/postgresql/work/.landed/cloud/builds/build-20261126-040126-983567-1ce4/build.json","observed_at":"2026-11-26T04:01:28.167381Z"}]},{"link":"built","status":"holds","subject":{"build":"build-20261126-040126-983567-1ce4","digests":["sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"]},"diagnosis":null,"also":[],"ruled_out":[],"because":"build build-20261126-040126-983567-1ce4 succeeded and pushed sha256:50978517e252","remedy":[],"notes":[],"evidence":[{"station":"build","strength":"recorded","facts":{"id":"build-20261126-040126-983567-1ce4","status":"SUCCESS","finished":"2026-11-26T04:01:27.014658Z","images":[["worker:commit-b84bdc965eb1","sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"]],"not_run":[]},"see":"cat /srv/landed-before/postgresql/work/.landed/cloud/builds/build-20261126-040126-983567-1ce4/build.json","observed_at":"2026-11-26T04:01:28.149766Z"}]},{"link":"packed","status":"holds","subject":{"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","compared":3},"diagnosis":null,"also":[],"ruled_out":[],"because":"3 files compared, all equal to the source","remedy":[],"notes":[],"evidence":[{"station":"image","strength":"content","facts":{"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","compared":3,"equal":3,"differs":[],"held_by":{},"generated":0,"extra":0,"claims":[["build argument COMMIT_SHA","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true],["label org.opencontainers.image.revision","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true],["substitution COMMIT_SHA","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true]],"not_run":[]},"see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","observed_at":"2026-11-26T04:01:28.174459Z"},{"station":"image","strength":"claimed","facts":{"where":"build argument COMMIT_SHA","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true},"see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","observed_at":"2026-11-26T04:01:28.174464Z"},{"station":"image","strength":"claimed","facts":{"where":"label org.opencontainers.image.revision","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true},"see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","observed_at":"2026-11-26T04:01:28.174465Z"},{"station":"image","strength":"claimed","facts":{"where":"substitution COMMIT_SHA","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true},"see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","observed_at":"2026-11-26T04:01:28.174466Z"}]},{"link":"published","status":"holds","subject":{"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"},"diagnosis":null,"also":[],"ruled_out":[],"because":"worker names sha256:50978517e252 itself","remedy":[],"notes":[],"evidence":[{"station":"deployment","strength":"recorded","facts":{"job":"worker","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","updated":"2026-11-26T04:01:27.518128Z","by":"0@host"},"see":"cat /srv/landed-before/postgresql/work/.landed/cloud/jobs/worker/job.json","observed_at":"2026-11-26T04:01:28.164476Z"}]},{"link":"deployed","status":"holds","subject":{"deployment":"worker","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","built":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"},"diagnosis":null,"also":[],"ruled_out":[],"because":"job worker is on sha256:50978517e252","remedy":[],"notes":[],"evidence":[{"station":"deployment","strength":"recorded","facts":{"job":"worker","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","updated":"2026-11-26T04:01:27.518128Z","by":"0@host"},"see":"cat /srv/landed-before/postgresql/work/.landed/cloud/jobs/worker/job.json","observed_at":"2026-11-26T04:01:28.164476Z"}]},{"link":"ran","status":"holds","subject":{"execution":"worker-20261126-040127-560102-7a1a","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"},"diagnosis":null,"also":[],"ruled_out":[],"because":"execution worker-20261126-040127-560102-7a1a ran sha256:50978517e252 and finished","remedy":[],"notes":[],"evidence":[{"station":"execution","strength":"recorded","facts":{"id":"worker-20261126-040127-560102-7a1a","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","status":"SUCCEEDED","exit_code":0,"isolation":"bwrap","python":"3.11.7","packages":["SQLAlchemy==2.0.58","greenlet==3.5.6","pip==23.2.1","setuptools==65.5.0","typing_extensions==4.16.0"],"modules":{"image":3,"runtime":51,"foreign":[]}},"see":"cat /srv/landed-before/postgresql/work/.landed/cloud/executions/worker-20261126-040127-560102-7a1a/execution.json","observed_at":"2026-11-26T04:01:28.164623Z"}]},{"link":"healed","status":"holds","subject":{"execution":"worker-20261126-040127-560102-7a1a","entries":2},"diagnosis":null,"also":[],"ruled_out":[],"because":"the expected work is seen (1 entry), and no error of the change''s","remedy":[],"notes":[],"evidence":[{"station":"logs","strength":"recorded","facts":{"execution":"worker-20261126-040127-560102-7a1a","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","entries":2,"first":"2026-11-26T04:01:27.894612Z","last":"2026-11-26T04:01:27.894817Z","errors":[],"gone":[["8afcc03fe778","LookupError: expression ''School'' failed to locate a name (''School'')"]],"compared_with":1},"see":"landed cloud logs worker --execution worker-20261126-040127-560102-7a1a","observed_at":"2026-11-26T04:01:28.247215Z"}]},{"link":"held","status":"unseen","subject":{},"diagnosis":null,"also":[],"ruled_out":[],"because":"no watch was opened over it","remedy":[],"notes":[],"evidence":[]}],"observed_at":"2026-11-26T04:01:28.247222Z","landed":"0.1.0"}},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665688124, 1795665688252, 'portable_json', 'landed', 1795665688253);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 8, 'watch', '{"step":"watch","status":"holds","because":"watched until 2026-11-27 04:01:28Z, with 6 checkpoints","began_at":"2026-11-26T04:01:28.264370Z","ended_at":"2026-11-26T04:01:28.329171Z","facts":{"watch":"watch-ship-20261126-040126-265670-9bca","opened":{"id":"watch-ship-20261126-040126-265670-9bca","deployable":"worker","environment":"dev","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","fixes":[{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker","errors":["expression ''School'' failed to locate a name (''School'')"]}],"named":[{"name":"expression ''School'' failed to locate a name (''School'')","identity":null,"contains":"expression ''School'' failed to locate a name (''School'')"}],"opened_at":"2026-11-26T04:01:28.291223Z","every":"PT14400S","checkpoints":6,"baseline":[{"execution":"worker-20261126-040125-752192-5623","digest":"sha256:6ea1f708b1aa7e31992ed2334e54793509e1d7f7ff3db54537bf0fb98a48737f","started_at":"2026-11-26T04:01:25.752213Z","named":["expression ''School'' failed to locate a name (''School'')"],"errors":[]}]}},"diagnosis":null,"remedy":[]}', NULL, NULL, 1795665688258, 1795665688329, 'portable_json', 'landed', 1795665688331);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 9, 'record', '{"entry":2,"hash":"c002e08588cdd938fd8a87c2660764d1d9a8e641ba9a17982bca14cd9bed61bc"}', NULL, NULL, 1795665688332, 1795665688386, 'portable_json', 'landed', 1795665688387);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 10, 'first-look', '{"number":1,"seconds":14399.878209}', NULL, NULL, 1795665688402, 1795665688413, 'portable_json', 'landed', 1795665688414);
INSERT INTO dbos.operation_outputs VALUES ('ship-20261126-040126-265670-9bca', 11, 'look', NULL, NULL, 'watch-ship-20261126-040126-265670-9bca/1', 1795665688426, 1795665688429, NULL, 'landed', 1795665688427);


--
-- Data for Name: queues; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: streams; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: workflow_events; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: workflow_events_history; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: workflow_input; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.workflow_input VALUES ('ship-20261126-040126-265670-9bca', '{"namedArgs":{},"positionalArgs":[{"id":"ship-20261126-040126-265670-9bca","attempt":1,"asked":"HEAD","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker","deployable":"worker","environment":"dev","steps":["check","build","prove","smoke","deploy","execute","logs","watch"],"ordered_at":"2026-11-26T04:01:26.269280Z","push":false,"back":false,"done":[]}]}', 1795665686911);
INSERT INTO dbos.workflow_input VALUES ('watch-ship-20261126-040126-265670-9bca/1', '{"namedArgs":{},"positionalArgs":["watch-ship-20261126-040126-265670-9bca",1]}', 1795665688427);
INSERT INTO dbos.workflow_input VALUES ('ship-20261126-040129-697661-30f8', '{"namedArgs":{},"positionalArgs":[{"id":"ship-20261126-040129-697661-30f8","attempt":1,"asked":"HEAD","commit":"f7b23a15488daaba1a8ba3d60775be5cc5fd7257","subject":"Work twice","deployable":"worker","environment":"dev","steps":["check","build","prove","smoke","deploy","execute","logs","watch"],"ordered_at":"2026-11-26T04:01:29.704320Z","push":false,"back":false,"done":[]}]}', 1795665689961);


--
-- Data for Name: workflow_output; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.workflow_output VALUES ('ship-20261126-040126-265670-9bca', '{"verdict":"proved"}', NULL, 1795665688441);


--
-- Data for Name: workflow_schedules; Type: TABLE DATA; Schema: dbos; Owner: -
--



--
-- Data for Name: workflow_status; Type: TABLE DATA; Schema: dbos; Owner: -
--

INSERT INTO dbos.workflow_status VALUES ('watch-ship-20261126-040126-265670-9bca/1', 'DELAYED', 'look', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795665688427, 1795665688427, '1', '', NULL, NULL, 0, 'looks', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, 'ship-20261126-040126-265670-9bca', 'portable_json', 1795680088304, false, false, NULL, 'null', NULL, NULL, false, 'landed', '3dfe5723-98eb-4b1c-b04c-b09064f5cfc2');
INSERT INTO dbos.workflow_status VALUES ('ship-20261126-040126-265670-9bca', 'SUCCESS', 'ship', NULL, NULL, NULL, NULL, NULL, NULL, 'here-20261126-040126-813705-523d', 1795665686911, 1795665688441, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1795665688441, 'null', NULL, NULL, false, 'landed', '20c8017b-f496-4832-af31-4322af615de4');
INSERT INTO dbos.workflow_status VALUES ('ship-20261126-040129-697661-30f8', 'PENDING', 'ship', NULL, NULL, NULL, NULL, NULL, NULL, 'here-20261126-040129-822275-9437', 1795665689961, 1795665689961, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '9cad44b3-ea69-42c0-956d-e018a2ad50a3', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'landed', '9cad44b3-ea69-42c0-956d-e018a2ad50a3');


--
-- Data for Name: entries; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.entries VALUES (1, '2026-11-26T04:01:28.319633Z', 'watch', '{"baseline":[{"digest":"sha256:6ea1f708b1aa7e31992ed2334e54793509e1d7f7ff3db54537bf0fb98a48737f","errors":[],"execution":"worker-20261126-040125-752192-5623","named":["expression ''School'' failed to locate a name (''School'')"],"started_at":"2026-11-26T04:01:25.752213Z"}],"checkpoints":6,"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","deployable":"worker","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","environment":"dev","every":"PT14400S","fixes":[{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","errors":["expression ''School'' failed to locate a name (''School'')"],"subject":"Mend the worker"}],"id":"watch-ship-20261126-040126-265670-9bca","key":"watch-ship-20261126-040126-265670-9bca","named":[{"contains":"expression ''School'' failed to locate a name (''School'')","identity":null,"name":"expression ''School'' failed to locate a name (''School'')"}],"opened_at":"2026-11-26T04:01:28.291223Z","subject":"Mend the worker"}', '0000000000000000000000000000000000000000000000000000000000000000', '681cc4bf9fe9c7b867df6012eb6c2fbebc18bd0a2f06cc4d5c3686d2a25cab0a');
INSERT INTO public.entries VALUES (2, '2026-11-26T04:01:28.381819Z', 'ship', '{"attempt":1,"build":"build-20261126-040126-983567-1ce4","change":{"asked":"HEAD","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker"},"deployable":"worker","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","environment":"dev","execution":"worker-20261126-040127-560102-7a1a","id":"ship-20261126-040126-265670-9bca","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","key":"ship-20261126-040126-265670-9bca","landed":"0.1.0","ordered_at":"2026-11-26T04:01:26.269280Z","schema":"landed/ship/v1","steps":[{"because":"b84bdc965e is on main of origin, and the work tree adds nothing","began_at":"2026-11-26T04:01:26.926778Z","diagnosis":null,"ended_at":"2026-11-26T04:01:26.952359Z","remedy":[],"status":"holds","step":"check"},{"because":"build build-20261126-040126-983567-1ce4 of b84bdc965e made sha256:50978517e252","began_at":"2026-11-26T04:01:26.967931Z","diagnosis":null,"ended_at":"2026-11-26T04:01:27.022724Z","remedy":[],"status":"holds","step":"build"},{"because":"3 files compared, all equal to the source","began_at":"2026-11-26T04:01:27.038674Z","diagnosis":null,"ended_at":"2026-11-26T04:01:27.134594Z","remedy":[],"status":"holds","step":"prove"},{"because":"python -c ''import app.job'' passed in the image (bwrap)","began_at":"2026-11-26T04:01:27.143571Z","diagnosis":null,"ended_at":"2026-11-26T04:01:27.444055Z","remedy":[],"status":"holds","step":"smoke"},{"because":"job worker is pinned to sha256:50978517e252","began_at":"2026-11-26T04:01:27.487776Z","diagnosis":null,"ended_at":"2026-11-26T04:01:27.529772Z","remedy":[],"status":"holds","step":"deploy"},{"because":"worker-20261126-040127-560102-7a1a ended: succeeded","began_at":"2026-11-26T04:01:27.553851Z","diagnosis":null,"ended_at":"2026-11-26T04:01:28.120239Z","remedy":[],"status":"holds","step":"execute"},{"because":"the expected work is seen (1 entry), and no error of the change''s","began_at":"2026-11-26T04:01:28.131839Z","diagnosis":null,"ended_at":"2026-11-26T04:01:28.252332Z","remedy":[],"status":"holds","step":"logs"},{"because":"watched until 2026-11-27 04:01:28Z, with 6 checkpoints","began_at":"2026-11-26T04:01:28.264370Z","diagnosis":null,"ended_at":"2026-11-26T04:01:28.329171Z","remedy":[],"status":"holds","step":"watch"}],"stopped_at":null,"trace":{"answers":{"by_the_book":"yes","did_it_help":"yes","in_there":"yes"},"answers_because":{"by_the_book":"anyone can build it again from b84bdc965e (source only: its base and its RUN steps are not pinned)","did_it_help":"`expression ''School'' failed to locate a name (''School'')` was there before, and is gone","in_there":"sha256:50978517e252 has its effect in 1 file, by content"},"change":{"asked":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","subject":"Mend the worker"},"deployable":"worker","effect":"some","environment":"dev","first_break":null,"first_unseen":null,"landed":"0.1.0","links":[{"also":[],"because":"every file that the build reads is as HEAD b84bdc965e has it","diagnosis":null,"evidence":[{"facts":{"branch":"main","counts":{},"first":[],"head":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"},"observed_at":"2026-11-26T04:01:28.147366Z","see":"git status --porcelain --ignored","station":"work-tree","strength":"content"}],"link":"committed","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"branch":"main","head":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"}},{"also":[],"because":"main on origin contains b84bdc965e","diagnosis":null,"evidence":[{"facts":{"asked":"/srv/landed-before/postgresql/remote.git","because":"it is the tip","default":"refs/heads/main","in history":true,"presence":"present","ref":"refs/heads/main","tip":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"},"observed_at":"2026-11-26T04:01:28.147016Z","see":"git ls-remote origin refs/heads/main","station":"remote","strength":"recorded"}],"link":"pushed","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","ref":"refs/heads/main","remote":"origin","tip":"b84bdc965eb15ce522271dd4bab7fb508c48e83c"}},{"also":[],"because":"the builder cloned b84bdc965e of main","diagnosis":null,"evidence":[{"facts":{"build":"build-20261126-040126-983567-1ce4","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","ref":"refs/heads/main","requested":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","url":"/srv/landed-before/postgresql/remote.git"},"observed_at":"2026-11-26T04:01:28.167381Z","see":"cat /srv/landed-before/postgresql/work/.landed/cloud/builds/build-20261126-040126-983567-1ce4/build.json","station":"source","strength":"recorded"}],"link":"sourced","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"build":"build-20261126-040126-983567-1ce4","commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","kind":"clone","ref":"refs/heads/main"}},{"also":[],"because":"build build-20261126-040126-983567-1ce4 succeeded and pushed sha256:50978517e252","diagnosis":null,"evidence":[{"facts":{"finished":"2026-11-26T04:01:27.014658Z","id":"build-20261126-040126-983567-1ce4","images":[["worker:commit-b84bdc965eb1","sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"]],"not_run":[],"status":"SUCCESS"},"observed_at":"2026-11-26T04:01:28.149766Z","see":"cat /srv/landed-before/postgresql/work/.landed/cloud/builds/build-20261126-040126-983567-1ce4/build.json","station":"build","strength":"recorded"}],"link":"built","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"build":"build-20261126-040126-983567-1ce4","digests":["sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"]}},{"also":[],"because":"3 files compared, all equal to the source","diagnosis":null,"evidence":[{"facts":{"claims":[["build argument COMMIT_SHA","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true],["label org.opencontainers.image.revision","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true],["substitution COMMIT_SHA","b84bdc965eb15ce522271dd4bab7fb508c48e83c",true]],"compared":3,"differs":[],"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","equal":3,"extra":0,"generated":0,"held_by":{},"not_run":[]},"observed_at":"2026-11-26T04:01:28.174459Z","see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","station":"image","strength":"content"},{"facts":{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true,"where":"build argument COMMIT_SHA"},"observed_at":"2026-11-26T04:01:28.174464Z","see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","station":"image","strength":"claimed"},{"facts":{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true,"where":"label org.opencontainers.image.revision"},"observed_at":"2026-11-26T04:01:28.174465Z","see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","station":"image","strength":"claimed"},{"facts":{"commit":"b84bdc965eb15ce522271dd4bab7fb508c48e83c","files_agree":true,"where":"substitution COMMIT_SHA"},"observed_at":"2026-11-26T04:01:28.174466Z","see":"landed trace --digest sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db --json","station":"image","strength":"claimed"}],"link":"packed","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"compared":3,"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"}},{"also":[],"because":"worker names sha256:50978517e252 itself","diagnosis":null,"evidence":[{"facts":{"by":"0@host","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","job":"worker","updated":"2026-11-26T04:01:27.518128Z"},"observed_at":"2026-11-26T04:01:28.164476Z","see":"cat /srv/landed-before/postgresql/work/.landed/cloud/jobs/worker/job.json","station":"deployment","strength":"recorded"}],"link":"published","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"}},{"also":[],"because":"job worker is on sha256:50978517e252","diagnosis":null,"evidence":[{"facts":{"by":"0@host","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","job":"worker","updated":"2026-11-26T04:01:27.518128Z"},"observed_at":"2026-11-26T04:01:28.164476Z","see":"cat /srv/landed-before/postgresql/work/.landed/cloud/jobs/worker/job.json","station":"deployment","strength":"recorded"}],"link":"deployed","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"built":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","deployment":"worker","digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","image":"worker@sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db"}},{"also":[],"because":"execution worker-20261126-040127-560102-7a1a ran sha256:50978517e252 and finished","diagnosis":null,"evidence":[{"facts":{"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","exit_code":0,"id":"worker-20261126-040127-560102-7a1a","isolation":"bwrap","modules":{"foreign":[],"image":3,"runtime":51},"packages":["SQLAlchemy==2.0.58","greenlet==3.5.6","pip==23.2.1","setuptools==65.5.0","typing_extensions==4.16.0"],"python":"3.11.7","status":"SUCCEEDED"},"observed_at":"2026-11-26T04:01:28.164623Z","see":"cat /srv/landed-before/postgresql/work/.landed/cloud/executions/worker-20261126-040127-560102-7a1a/execution.json","station":"execution","strength":"recorded"}],"link":"ran","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","execution":"worker-20261126-040127-560102-7a1a"}},{"also":[],"because":"the expected work is seen (1 entry), and no error of the change''s","diagnosis":null,"evidence":[{"facts":{"compared_with":1,"digest":"sha256:50978517e2524461cbfb553b76172d5986febae6cc7a8afb6e918f14c70945db","entries":2,"errors":[],"execution":"worker-20261126-040127-560102-7a1a","first":"2026-11-26T04:01:27.894612Z","gone":[["8afcc03fe778","LookupError: expression ''School'' failed to locate a name (''School'')"]],"last":"2026-11-26T04:01:27.894817Z"},"observed_at":"2026-11-26T04:01:28.247215Z","see":"landed cloud logs worker --execution worker-20261126-040127-560102-7a1a","station":"logs","strength":"recorded"}],"link":"healed","notes":[],"remedy":[],"ruled_out":[],"status":"holds","subject":{"entries":2,"execution":"worker-20261126-040127-560102-7a1a"}},{"also":[],"because":"no watch was opened over it","diagnosis":null,"evidence":[],"link":"held","notes":[],"remedy":[],"ruled_out":[],"status":"unseen","subject":{}}],"observed_at":"2026-11-26T04:01:28.247222Z","schema":"landed/trace/v1","through":"healed","verdict":"proved"},"verdict":"proved","watch":"watch-ship-20261126-040126-265670-9bca"}', '681cc4bf9fe9c7b867df6012eb6c2fbebc18bd0a2f06cc4d5c3686d2a25cab0a', 'c002e08588cdd938fd8a87c2660764d1d9a8e641ba9a17982bca14cd9bed61bc');


--
-- Name: entries_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.entries_id_seq', 1, false);


--
-- Name: application_versions application_versions_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.application_versions
    ADD CONSTRAINT application_versions_pkey PRIMARY KEY (version_id);


--
-- Name: application_versions application_versions_version_name_key; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.application_versions
    ADD CONSTRAINT application_versions_version_name_key UNIQUE (version_name);


--
-- Name: dbos_migrations dbos_migrations_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.dbos_migrations
    ADD CONSTRAINT dbos_migrations_pkey PRIMARY KEY (version);


--
-- Name: event_dispatch_kv event_dispatch_kv_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.event_dispatch_kv
    ADD CONSTRAINT event_dispatch_kv_pkey PRIMARY KEY (service_name, workflow_fn_name, key);


--
-- Name: notifications notifications_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (message_uuid);


--
-- Name: operation_outputs operation_outputs_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.operation_outputs
    ADD CONSTRAINT operation_outputs_pkey PRIMARY KEY (workflow_uuid, function_id);


--
-- Name: queues queues_name_key; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.queues
    ADD CONSTRAINT queues_name_key UNIQUE (name);


--
-- Name: queues queues_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (queue_id);


--
-- Name: streams streams_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.streams
    ADD CONSTRAINT streams_pkey PRIMARY KEY (workflow_uuid, key, "offset");


--
-- Name: workflow_events_history workflow_events_history_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_events_history
    ADD CONSTRAINT workflow_events_history_pkey PRIMARY KEY (workflow_uuid, function_id, key);


--
-- Name: workflow_events workflow_events_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_events
    ADD CONSTRAINT workflow_events_pkey PRIMARY KEY (workflow_uuid, key);


--
-- Name: workflow_input workflow_input_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_input
    ADD CONSTRAINT workflow_input_pkey PRIMARY KEY (workflow_uuid);


--
-- Name: workflow_output workflow_output_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_output
    ADD CONSTRAINT workflow_output_pkey PRIMARY KEY (workflow_uuid);


--
-- Name: workflow_schedules workflow_schedules_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_schedules
    ADD CONSTRAINT workflow_schedules_pkey PRIMARY KEY (schedule_id);


--
-- Name: workflow_schedules workflow_schedules_schedule_name_key; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_schedules
    ADD CONSTRAINT workflow_schedules_schedule_name_key UNIQUE (schedule_name);


--
-- Name: workflow_status workflow_status_pkey; Type: CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_status
    ADD CONSTRAINT workflow_status_pkey PRIMARY KEY (workflow_uuid);


--
-- Name: entries entries_hash_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_hash_key UNIQUE (hash);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (id);


--
-- Name: entries entries_prev_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_prev_key UNIQUE (prev);


--
-- Name: idx_application_versions_owner_timestamp; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_application_versions_owner_timestamp ON dbos.application_versions USING btree (application_name, version_timestamp DESC);


--
-- Name: idx_application_versions_timestamp; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_application_versions_timestamp ON dbos.application_versions USING btree (version_timestamp DESC);


--
-- Name: idx_operation_outputs_completed_at_function_name_v2; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_operation_outputs_completed_at_function_name_v2 ON dbos.operation_outputs USING btree (completed_at_epoch_ms, function_name) INCLUDE (application_name);


--
-- Name: idx_operation_outputs_retention; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_operation_outputs_retention ON dbos.operation_outputs USING btree (retention_timestamp);


--
-- Name: idx_workflow_input_retention; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_input_retention ON dbos.workflow_input USING btree (retention_timestamp);


--
-- Name: idx_workflow_output_retention; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_output_retention ON dbos.workflow_output USING btree (retention_timestamp);


--
-- Name: idx_workflow_status_attributes; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_attributes ON dbos.workflow_status USING gin (attributes) WHERE (attributes IS NOT NULL);


--
-- Name: idx_workflow_status_completed_at; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_completed_at ON dbos.workflow_status USING btree (completed_at) WHERE (completed_at IS NOT NULL);


--
-- Name: idx_workflow_status_deadline; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_deadline ON dbos.workflow_status USING btree (workflow_deadline_epoch_ms) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text, 'DELAYED'::text])) AND (workflow_deadline_epoch_ms IS NOT NULL));


--
-- Name: idx_workflow_status_delayed; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_delayed ON dbos.workflow_status USING btree (delay_until_epoch_ms) WHERE (status = 'DELAYED'::text);


--
-- Name: idx_workflow_status_failed; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_failed ON dbos.workflow_status USING btree (status, created_at) WHERE (status = ANY (ARRAY['ERROR'::text, 'CANCELLED'::text, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'::text]));


--
-- Name: idx_workflow_status_forked_from; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_forked_from ON dbos.workflow_status USING btree (forked_from) WHERE (forked_from IS NOT NULL);


--
-- Name: idx_workflow_status_in_flight_v2; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_in_flight_v2 ON dbos.workflow_status USING btree (queue_name, status, priority, created_at) INCLUDE (application_name) WHERE (status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text]));


--
-- Name: idx_workflow_status_parent_workflow_id; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_parent_workflow_id ON dbos.workflow_status USING btree (parent_workflow_id) WHERE (parent_workflow_id IS NOT NULL);


--
-- Name: idx_workflow_status_partition_dequeue_v3; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_partition_dequeue_v3 ON dbos.workflow_status USING btree (queue_name, status, queue_partition_key, priority, created_at, workflow_uuid) INCLUDE (application_name) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text])) AND (queue_partition_key IS NOT NULL));


--
-- Name: idx_workflow_status_pending; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_pending ON dbos.workflow_status USING btree (created_at) WHERE (status = 'PENDING'::text);


--
-- Name: idx_workflow_status_rate_limited; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_rate_limited ON dbos.workflow_status USING btree (queue_name, started_at_epoch_ms) WHERE (rate_limited = true);


--
-- Name: idx_workflow_status_schedule_name; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_schedule_name ON dbos.workflow_status USING btree (schedule_name) WHERE (schedule_name IS NOT NULL);


--
-- Name: idx_workflow_status_started_at; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_status_started_at ON dbos.workflow_status USING btree (started_at_epoch_ms) WHERE (started_at_epoch_ms IS NOT NULL);


--
-- Name: idx_workflow_topic; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX idx_workflow_topic ON dbos.notifications USING btree (destination_uuid, topic);


--
-- Name: uq_application_versions_owner_version; Type: INDEX; Schema: dbos; Owner: -
--

CREATE UNIQUE INDEX uq_application_versions_owner_version ON dbos.application_versions USING btree (application_name, version_name) WHERE (application_name IS NOT NULL);


--
-- Name: uq_application_versions_unclaimed_version; Type: INDEX; Schema: dbos; Owner: -
--

CREATE UNIQUE INDEX uq_application_versions_unclaimed_version ON dbos.application_versions USING btree (version_name) WHERE (application_name IS NULL);


--
-- Name: uq_workflow_status_dedup_id; Type: INDEX; Schema: dbos; Owner: -
--

CREATE UNIQUE INDEX uq_workflow_status_dedup_id ON dbos.workflow_status USING btree (queue_name, deduplication_id) WHERE (deduplication_id IS NOT NULL);


--
-- Name: workflow_status_created_at_index; Type: INDEX; Schema: dbos; Owner: -
--

CREATE INDEX workflow_status_created_at_index ON dbos.workflow_status USING btree (created_at);


--
-- Name: entries_by_key; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX entries_by_key ON public.entries USING btree ((((body)::json ->> 'key'::text)), kind);


--
-- Name: entries_by_target; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX entries_by_target ON public.entries USING btree (kind, (((body)::json ->> 'environment'::text)), (((body)::json ->> 'deployable'::text)), id);


--
-- Name: notifications dbos_notifications_trigger; Type: TRIGGER; Schema: dbos; Owner: -
--

CREATE TRIGGER dbos_notifications_trigger AFTER INSERT ON dbos.notifications FOR EACH ROW EXECUTE FUNCTION dbos.notifications_function();


--
-- Name: entries entries_no_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER entries_no_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.entries_refuse();


--
-- Name: notifications notifications_destination_uuid_fkey; Type: FK CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.notifications
    ADD CONSTRAINT notifications_destination_uuid_fkey FOREIGN KEY (destination_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: streams streams_workflow_uuid_fkey; Type: FK CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.streams
    ADD CONSTRAINT streams_workflow_uuid_fkey FOREIGN KEY (workflow_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: workflow_events_history workflow_events_history_workflow_uuid_fkey; Type: FK CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_events_history
    ADD CONSTRAINT workflow_events_history_workflow_uuid_fkey FOREIGN KEY (workflow_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- Name: workflow_events workflow_events_workflow_uuid_fkey; Type: FK CONSTRAINT; Schema: dbos; Owner: -
--

ALTER TABLE ONLY dbos.workflow_events
    ADD CONSTRAINT workflow_events_workflow_uuid_fkey FOREIGN KEY (workflow_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


