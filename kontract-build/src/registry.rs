//! The registry: the Rust source of `Storage`, which `kontract::storage!()` brings in.
//!
//! Emission is dull: what stands here was decided before. The text names nothing but
//! `::kontract::__private`, the application's own structs and the files of its migrations, and no path
//! of this machine: [`ROOT`] stands for the directory of the package. What is wrong and belongs to no struct stands in it as errors, which the compiler shows at `storage!()`.

use kontract_schema::diagnostic::Diagnostics;
use kontract_schema::lock::LockFile;

use crate::gather::{Gathered, Struct, by_table};
use crate::migrations;
use crate::output::File;
use crate::package::Package;

/// A table's handle.
pub struct Handle<'a> {
    /// The logical name of the table.
    pub table: &'a str,
    /// The path of its struct from the crate root, `crate::models::User`.
    pub path: &'a str,
    /// Whether the struct is public.
    pub is_pub: bool,
    /// What the build script read; none if the derive refuses the struct anyway.
    pub fingerprint: Option<u64>,
}

/// Stands for the directory of the package; `storage!()` puts it in.
pub const ROOT: &str = "{CARGO_MANIFEST_DIR}";

/// A migration that is Rust.
pub struct Code {
    /// Its file, from the directory of the package.
    pub path: String,
    /// The name of the file.
    pub file: String,
    /// The checksum of the file.
    pub checksum: String,
    /// Its number.
    pub version: u32,
    /// The struct in it.
    pub ty: String,
}

/// The registries of all crates of the package, and the lock file that they embed.
pub fn files(
    package: &Package,
    gathered: &Gathered,
    migrations: &[migrations::File],
    lock: &LockFile,
    problems: &Diagnostics,
) -> Vec<File> {
    let code: Vec<Code> = migrations.iter().filter_map(|file| code(package, file)).collect();
    let mut files = vec![("lock.json".to_owned(), lock.write())];
    let at_storage = problems.iter().filter(|problem| gathered.storage_shows(problem));
    let errors: Vec<String> = at_storage.map(ToString::to_string).collect();
    for (index, root) in package.roots.iter().enumerate() {
        let handle = |strukt: &'_ &Struct| -> Option<_> {
            let (path, is_pub) = strukt.path_in(index)?;
            Some((strukt.table.clone(), path.to_owned(), is_pub, strukt.fingerprint()))
        };
        let known: Vec<_> = by_table(&gathered.structs).values().filter_map(handle).collect();
        let handles: Vec<Handle<'_>> = known
            .iter()
            .map(|(table, path, is_pub, fingerprint)| Handle {
                table,
                path,
                is_pub: *is_pub,
                fingerprint: *fingerprint,
            })
            .collect();
        let text = source(&package.name, &handles, &code, lock, &errors);
        files.push((file_name(&root.krate, root.is_bin), text));
    }
    files
}

fn code(package: &Package, file: &migrations::File) -> Option<Code> {
    let dir = package.migrations.join(&file.manual.file);
    let path = match dir.is_absolute() {
        true => dir.display().to_string(),
        false => format!("{ROOT}/{}", dir.display()),
    };
    let (name, checksum) = (file.manual.file.clone(), file.manual.checksum.clone());
    Some(Code { path, file: name, checksum, version: file.version, ty: file.code()?.ty })
}

/// The file name of a crate's registry. The library and a program of one package may have the same
/// crate name.
pub fn file_name(krate: &str, is_bin: bool) -> String {
    format!("registry_{krate}{}.rs", if is_bin { ".bin" } else { "" })
}

/// The source of a crate's registry. It is not linted, because it comes from a macro.
pub fn source(
    package: &str,
    handles: &[Handle<'_>],
    code: &[Code],
    lock: &LockFile,
    errors: &[String],
) -> String {
    let fields = fields(handles);
    let mut out = String::from("// Written by the build script. Changes are lost.\n\n");
    for error in errors {
        out += &format!("::core::compile_error!({error:?});\n\n");
    }
    for Code { path, version, .. } in code {
        out += &format!("#[path = {path:?}]\nmod kontract_migration_{version:04};\n\n");
    }
    out += "/// The storage of this package: a handle for each table.\n#[derive(Clone)]\npub struct Storage {\n";
    for (handle, field) in handles.iter().zip(&fields) {
        let vis = if handle.is_pub { "pub" } else { "pub(crate)" };
        let path = handle.path;
        out += &format!("    /// The table `{}`: rows of `{}`.\n", handle.table, path);
        out += &format!("    {vis} {field}: ::kontract::__private::Table<{path}>,\n");
    }
    out += "    kontract_base: ::kontract::__private::Base,\n}\n\n";
    out += "impl Storage {\n    /// Opens the database at `url` and brings it up to date.\n    ///\n    /// # Errors\n    /// The database cannot be reached, or cannot become what this program expects.\n";
    out += "    pub async fn connect(url: &str) -> ::kontract::__private::Result<Self> {\n";
    out += "        let kontract_base = ::kontract::__private::Base::connect(url, &KONTRACT_REGISTRY).await?;\n";
    out += "        ::core::result::Result::Ok(Self::kontract_of(kontract_base))\n    }\n\n";
    out += "    fn kontract_of(kontract_base: ::kontract::__private::Base) -> Self {\n        Self {\n";
    for field in &fields {
        out += &format!("            {field}: kontract_base.table(),\n");
    }
    out += "            kontract_base,\n        }\n    }\n\n";
    out += TRANSACTION;
    out += "    /// The migrations of this package for the database at `url`, which is reached at the first\n    /// use: for a command of the program that runs them, takes them back, or shows what there is.\n    ///\n    /// # Errors\n    /// The address cannot be understood.\n";
    out += "    pub fn migrator(url: &str) -> ::kontract::__private::Result<::kontract::__private::Migrator> {\n        ::kontract::__private::Base::migrator(url, &KONTRACT_REGISTRY)\n    }\n}\n\n";
    out += "impl ::core::ops::Deref for Storage {\n    type Target = ::kontract::__private::Base;\n    fn deref(&self) -> &Self::Target {\n        &self.kontract_base\n    }\n}\n\n";
    out += "impl ::core::fmt::Debug for Storage {\n    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {\n        f.debug_struct(\"Storage\").finish_non_exhaustive()\n    }\n}\n\n";
    out += "/// What this program expects of its database.\n#[derive(Clone, Copy, Debug)]\n#[non_exhaustive]\npub struct StorageRegistry;\n\n";
    out += "impl ::kontract::__private::HasRegistry for StorageRegistry {\n    const REGISTRY: &'static ::kontract::__private::Registry = &KONTRACT_REGISTRY;\n}\n\n";
    let draft = match &lock.draft {
        None => "::core::option::Option::None".to_owned(),
        Some(draft) => format!("::core::option::Option::Some({:?})", draft.hash),
    };
    out += "static KONTRACT_REGISTRY: ::kontract::__private::Registry = ::kontract::__private::Registry {\n";
    out += &format!(
        "    package: {package:?},\n    version: {},\n    head: {:?},\n    draft: {draft},\n",
        lock.version,
        lock.head()
    );
    out += "    lock: ::core::include_str!(::core::concat!(::core::env!(\"KONTRACT_OUT\"), \"/lock.json\")),\n";
    out += "    debug: ::core::cfg!(debug_assertions),\n    migrations: &[\n";
    for Code { file, checksum, version, ty, .. } in code {
        out += &format!(
            "        ::kontract::__private::RustMigration {{\n            file: {file:?},\n            checksum: {checksum:?},\n            code: &kontract_migration_{version:04}::{ty},\n        }},\n"
        );
    }
    out += "    ],\n};\n";
    for handle in handles {
        if let Some(fingerprint) = handle.fingerprint {
            out += &format!(
                "\nconst _: () = ::kontract::__private::assert_registered(\n    <{} as ::kontract::__private::Record>::FINGERPRINT,\n    0x{fingerprint:016x},\n);\n",
                handle.path
            );
        }
    }
    out
}

/// The methods for transactions.
const TRANSACTION: &str = r#"    /// Runs some work in a transaction, on the handles that the closure gets: `Ok` commits, `Err`, a
    /// panic and a dropped future roll back. Where the database says that it met another transaction
    /// (serialization failure, deadlock), the closure is run again, up to five times. Inside of a
    /// transaction it is a savepoint.
    ///
    /// # Errors
    /// That of the closure; of beginning and committing.
    pub async fn transaction<T, W>(
        &self,
        work: impl ::core::ops::Fn(Self) -> W,
    ) -> ::kontract::__private::Result<T>
    where
        W: ::core::future::Future<Output = ::kontract::__private::Result<T>>,
    {
        self.transaction_with(::kontract::__private::Transaction::new(), work).await
    }

    /// The same with options.
    ///
    /// # Errors
    /// As `transaction`.
    pub async fn transaction_with<T, W>(
        &self,
        options: ::kontract::__private::Transaction,
        work: impl ::core::ops::Fn(Self) -> W,
    ) -> ::kontract::__private::Result<T>
    where
        W: ::core::future::Future<Output = ::kontract::__private::Result<T>>,
    {
        ::kontract::__private::transaction(&self.kontract_base, options, Self::kontract_of, work).await
    }

"#;

/// The names of the handles: those of the tables, as Rust can write them, each once.
fn fields(handles: &[Handle<'_>]) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for handle in handles {
        let mut field = identifier(handle.table);
        while fields.contains(&field) || field == "kontract_base" {
            field.push('_');
        }
        fields.push(field);
    }
    fields
}

/// A name as a Rust identifier: raw where it is a keyword, `_` for what an identifier cannot have.
fn identifier(name: &str) -> String {
    let is_ident = |text: &str| syn::parse_str::<syn::Ident>(text).is_ok();
    let fits = |c: char| is_ident(&format!("x{c}"));
    let mut text: String = name.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if !text.starts_with(|c: char| c == '_' || is_ident(&c.to_string())) {
        text.insert(0, '_');
    }
    if is_ident(&text) {
        return text;
    }
    // `self`, `super`, `crate`, `Self` and `_` cannot be raw.
    let raw = format!("r#{text}");
    if is_ident(&raw) { raw } else { text + "_" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        for (name, expected) in [
            ("users", "users"),
            ("type", "r#type"),
            ("self", "self_"),
            ("my-table", "my_table"),
            ("2fa", "_2fa"),
            ("été", "été"),
            ("", "__"),
        ] {
            assert_eq!(identifier(name), expected);
        }
    }

    #[test]
    fn is_rust() {
        let handle = |table, path| Handle { table, path, is_pub: false, fingerprint: Some(7) };
        let handles = [
            handle("a-b", "crate::A"),
            handle("a_b", "crate::r#type::B"),
            handle("kontract_base", "crate::C"),
        ];
        let code = Code {
            path: format!("{ROOT}/migrations/0002_x.rs"),
            file: "0002_x.rs".into(),
            checksum: "1:sha256:0".into(),
            version: 2,
            ty: "X".into(),
        };
        let text = source("app", &handles, &[code], &LockFile::default(), &["a\n\"b\"".into()]);
        let file = syn::parse_file(&text).expect("Rust");
        assert_eq!(file.items.len(), 12);
        for line in [
            r#"::core::compile_error!("a\n\"b\"");"#,
            "a_b: ::kontract::__private::Table<crate::A>,",
            "a_b_: ::kontract::__private::Table<crate::r#type::B>,",
            "kontract_base_: kontract_base.table(),",
            "#[path = \"{CARGO_MANIFEST_DIR}/migrations/0002_x.rs\"]\nmod kontract_migration_0002;",
            "code: &kontract_migration_0002::X,",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
