//! All generated names. PostgreSQL silently cuts names at 63 bytes, so this module shortens longer
//! names itself and appends a hash, which keeps two long names different.
//!
//! | what | pattern | example |
//! |---|---|---|
//! | table | plural of the struct, snake case | `BlogPost` → `blog_posts` |
//! | pointer, document layout | `tbl_{table}_{6 hex of sha256(package/table)}` | `tbl_users_1f3a9c` |
//! | pointer, columns layout | `{table}` | `posts` |
//! | index | `idx_{table}_{fields}` | `idx_posts_status` |
//! | unique index | `{table}_{fields}_key` | `users_email_key` |
//! | index on SQL | the words of the SQL in place of the fields | `users_lower_email_key` |
//! | primary key | `{table}_pkey` | `posts_pkey` |
//! | foreign key | `{table}_{fields}_fkey` | `posts_author_fkey` |
//! | check of a field | `{table}_{field}_check` | `posts_title_check` |
//! | values of an enum | `{table}_{field}_enum` | `posts_status_enum` |
//! | required key of a document | `{table}_{field}_required` | `users_name_required` |

/// The longest identifier, in bytes: PostgreSQL's NAMEDATALEN − 1.
pub const MAX: usize = 63;

/// Joins the parts with `_`. If the result is longer than [`MAX`] bytes, cuts it and appends `_` and
/// eight hexadecimal digits of its hash.
pub fn join(parts: &[&str]) -> String {
    let full = parts.join("_");
    if full.len() <= MAX {
        return full;
    }
    let hash = &crate::hash::hex(full.as_bytes())[..8];
    let mut end = MAX - 9;
    while !full.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{hash}", &full[..end])
}

/// Returns the logical name of a struct's table: `BlogPost` → `blog_posts`.
pub fn table(strukt: &str) -> String {
    plural(&snake(strukt))
}

/// Returns the pointer of a document table.
pub fn pointer(package: &str, table: &str) -> String {
    let hash = crate::hash::hex(format!("{package}/{table}").as_bytes());
    join(&["tbl", table, &hash[..6]])
}

/// Returns the words of SQL in the form of a name: `lower(email)` → `lower_email`.
pub fn words(sql: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words = sql.split(|c| !is_word(c)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

/// Converts a name to snake case: `HTTPServer` → `http_server`, `PostV2` → `post_v2`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        let previous = i.checked_sub(1).map(|p| chars[p]);
        let next_is_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase()
            && previous.is_some_and(|p| p != '_' && (!p.is_uppercase() || next_is_lower))
        {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Returns the regular English plural: `box` → `boxes`, `city` → `cities`, `user` → `users`.
fn plural(word: &str) -> String {
    let before_y = |stem: &str| !stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    match word.strip_suffix('y') {
        Some(stem) if before_y(stem) => format!("{stem}ies"),
        _ if ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end)) => {
            format!("{word}es")
        }
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables() {
        for (strukt, expected) in [
            ("User", "users"),
            ("BlogPost", "blog_posts"),
            ("HTTPServer", "http_servers"),
            ("PostV2", "post_v2s"),
            ("City", "cities"),
            ("Day", "days"),
            ("Box", "boxes"),
            ("Status", "statuses"),
            ("Été", "étés"),
        ] {
            assert_eq!(table(strukt), expected);
        }
    }

    #[test]
    fn long_names_stay_apart() {
        let a = join(&["idx", &"a".repeat(70), "x"]);
        let b = join(&["idx", &"a".repeat(70), "y"]);
        assert_eq!((a.len(), b.len()), (63, 63));
        assert_ne!(a, b);
        assert!(join(&[&"é".repeat(40)]).len() <= MAX);
    }
}
