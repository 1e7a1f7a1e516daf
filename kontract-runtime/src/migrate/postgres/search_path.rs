//! Looks for objects of other roles that names without a schema would find
//! ([CVE-2018-1058](https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058)).
//!
//! The server's own objects come first, but it prefers a function or operator of another schema whose
//! argument types fit better. So the schemas of the path are searched for objects with a name of the
//! server's and an untrusted owner; and for what the runner would use as its own: its tables, a
//! schema with the name of the role. The query itself names only the server's objects.

use kontract_schema::code;

use crate::driver::postgres::Session;
use crate::error::Result;
use crate::migrate::executor::Queries;
use crate::migrate::failure::failure;

/// The kind of the object, its name with the schema, its owner, the role that migrates.
const LOOK: &str = "\
    SELECT found.what, pg_catalog.format(CASE found.what WHEN 'schema' THEN '%I' WHEN 'operator' THEN '%I.%s' \
    ELSE '%I.%I' END, n.nspname, found.name), o.rolname::pg_catalog.text, \
    me.rolname::pg_catalog.text FROM (\
    SELECT 'function' AS what, p.proname AS name, p.pronamespace AS place, p.proowner AS owner \
    FROM pg_catalog.pg_proc p WHERE p.pronamespace OPERATOR(pg_catalog.<>) 11 AND EXISTS (SELECT FROM pg_catalog.pg_proc b \
    WHERE b.proname OPERATOR(pg_catalog.=) p.proname AND b.pronamespace OPERATOR(pg_catalog.=) 11) \
    UNION ALL SELECT 'operator', p.oprname, p.oprnamespace, p.oprowner \
    FROM pg_catalog.pg_operator p WHERE p.oprnamespace OPERATOR(pg_catalog.<>) 11 AND EXISTS (SELECT FROM pg_catalog.pg_operator b \
    WHERE b.oprname OPERATOR(pg_catalog.=) p.oprname AND b.oprnamespace OPERATOR(pg_catalog.=) 11) \
    UNION ALL SELECT 'table', c.relname, c.relnamespace, c.relowner FROM pg_catalog.pg_class c \
    WHERE c.relname OPERATOR(pg_catalog.=) '_kontract_migrations'::pg_catalog.name \
    OR c.relname OPERATOR(pg_catalog.=) '_kontract_lease'::pg_catalog.name \
    OR ('pg_catalog'::pg_catalog.name OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)) \
    AND EXISTS (SELECT FROM pg_catalog.pg_class b WHERE b.relname OPERATOR(pg_catalog.=) c.relname \
    AND b.relnamespace OPERATOR(pg_catalog.=) 11)) \
    UNION ALL SELECT 'schema', s.nspname, s.oid, s.nspowner FROM pg_catalog.pg_namespace s \
    WHERE s.nspname OPERATOR(pg_catalog.=) CURRENT_USER) AS found \
    JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) found.place \
    AND n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false)) \
    AND n.oid OPERATOR(pg_catalog.<>) 11 \
    JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) found.owner \
    JOIN pg_catalog.pg_roles me ON me.rolname OPERATOR(pg_catalog.=) CURRENT_USER \
    JOIN pg_catalog.pg_database d ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \
    WHERE o.oid OPERATOR(pg_catalog.<>) d.datdba AND NOT pg_catalog.pg_has_role(o.oid, me.oid, 'MEMBER') \
    AND CASE WHEN me.rolsuper THEN NOT EXISTS (SELECT FROM pg_catalog.pg_auth_members m \
    WHERE m.roleid OPERATOR(pg_catalog.=) o.oid AND m.member OPERATOR(pg_catalog.=) me.oid) \
    ELSE NOT pg_catalog.pg_has_role(me.oid, o.oid, 'MEMBER') END \
    ORDER BY 1, 2, 3 LIMIT 1";

/// Checks the schemas of the path, before any other statement.
///
/// # Errors
/// K0451: an object belongs to an untrusted role.
pub(super) async fn check(session: &mut Session) -> Result<()> {
    let found: Vec<(String, String, String, String)> = session.fetch(LOOK, ()).await?;
    let Some((what, name, owner, role)) = found.first() else { return Ok(()) };
    Err(failure(code::NOT_TRUSTED, format!("the {what} `{name}` belongs to the untrusted role `{owner}`, and statements of the migration would use it"))
        .with_help(format!("drop it, remove its schema from `search_path`, or trust the role: `GRANT {owner} TO {role}`; nothing was changed")))
}
