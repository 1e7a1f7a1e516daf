//! Whether somebody else's objects stand where a name without a schema would find them
//! ([CVE-2018-1058](https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058)).
//!
//! The server's own objects come first, and yet a function or operator of another schema is taken
//! where its arguments fit better. So those of the path are looked for that have a name of the
//! server's and an owner who is not trusted; and what the runner would take for its own: its tables,
//! a schema with the name of the role. What the statement here names is the server's in any case.

use crate::driver::postgres::Session;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::migrate::failure;
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Wire};

/// What it is, its name with the schema, its owner, the role that migrates.
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

/// Looks along the path of the session, before anything else is said to the server.
///
/// # Errors
/// K0451: something stands there that belongs to a role which is not trusted.
pub(in crate::migrate) async fn check(session: &mut Session) -> Result<()> {
    const TEXT: Wire = Wire::one(Scalar::Text);
    let read = |from: &mut dyn Reader| {
        let (what, name): (String, String) = (field(from)?, field(from)?);
        Ok((what, name, field::<String>(from)?, field::<String>(from)?))
    };
    let query = PreparedStatement::raw(LOOK, Vec::new(), vec![TEXT; 4]);
    let found = session.run(&query, &|_| Ok(()), read).await?.rows.into_iter().next();
    let Some((what, name, owner, role)) = found else { return Ok(()) };
    Err(failure("K0451", format!("the {what} `{name}` belongs to `{owner}`, and would be taken for the server's or for ours"))
        .with_help(format!("drop it if nobody knows it, leave its schema out of `search_path`, or `GRANT {owner} TO {role}` where that role is trusted; nothing was changed")))
}
