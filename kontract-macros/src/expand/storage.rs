//! `storage!()`: the struct `Storage`, its registry, and the errors that belong to no struct.
//!
//! As the output of a macro it is not linted by the application.

use std::path::Path;

use kontract_schema::registry::{Crate, Handle, Registry, RustMigration};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// Expands the facts of the build script.
pub fn storage(registry: &Registry, krate: &Crate) -> TokenStream {
    let errors = registry.errors.iter().map(|error| quote!(::core::compile_error!(#error);));
    let modules = registry.migrations.iter().map(migration_module);
    let all: Vec<&Handle> = krate.handles.iter().collect();
    let for_owners: Vec<&Handle> = all.iter().copied().filter(|handle| handle.for_owners).collect();
    let doc = "The storage of this package: a handle for each table.";
    let storage = storage_struct(doc, "Storage", "Base", &all);
    let methods = storage_methods(&all);
    let doc = "The storage of an owner: a handle for each table that is owned or shared, bound to the owner.";
    let owner_storage = storage_struct(doc, "OwnerStorage", "OwnerBase", &for_owners);
    let owner_methods = shared_methods("OwnerBase", &for_owners);
    let traits = storage_traits();
    let facts = registry_static(registry);
    let assertions = krate.handles.iter().filter_map(fingerprint_assertion);
    quote! {
        #(#errors)*
        #(#modules)*
        #storage
        #methods
        #owner_storage
        impl OwnerStorage {
            #owner_methods
        }
        #traits
        #facts
        #(#assertions)*
    }
}

/// The module of a migration in Rust: its file.
fn migration_module(migration: &RustMigration) -> TokenStream {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = Path::new(&package).join(&migration.path).display().to_string();
    let name = module_name(migration);
    quote! {
        #[path = #path]
        mod #name;
    }
}

fn module_name(migration: &RustMigration) -> Ident {
    format_ident!("kontract_migration_{:04}", migration.version)
}

/// The struct of a storage, with handles of these tables.
fn storage_struct(doc: &str, name: &str, base: &str, handles: &[&Handle]) -> TokenStream {
    let fields = handles.iter().map(|handle| {
        let doc = format!("The table `{}`: rows of `{}`.", handle.table, handle.path);
        let vis = if handle.is_pub { quote!(pub) } else { quote!(pub(crate)) };
        let (name, path) = (tokens(&handle.name), tokens(&handle.path));
        let table = if handle.keyless { quote!(KeylessTable) } else { quote!(Table) };
        quote! {
            #[doc = #doc]
            #vis #name: ::kontract::__private::#table<#path>,
        }
    });
    let (name, base) = (format_ident!("{name}"), format_ident!("{base}"));
    quote! {
        #[doc = #doc]
        #[derive(Clone)]
        pub struct #name {
            #(#fields)*
            kontract_base: ::kontract::__private::#base,
        }

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(::core::stringify!(#name)).finish_non_exhaustive()
            }
        }
    }
}

/// What both storages have: how they are made, and transactions.
fn shared_methods(base: &str, handles: &[&Handle]) -> TokenStream {
    let metas: Vec<_> = handles
        .iter()
        .map(|handle| {
            let path = tokens(&handle.path);
            quote!(<#path as ::kontract::__private::Record>::meta)
        })
        .collect();
    let handles = handles.iter().map(|handle| {
        let name = tokens(&handle.name);
        let table = if handle.keyless { quote!(keyless_table) } else { quote!(table) };
        quote!(#name: kontract_base.#table())
    });
    let base = format_ident!("{base}");
    quote! {
        fn kontract_of(kontract_base: ::kontract::__private::#base) -> Self {
            Self {
                #(#handles,)*
                kontract_base,
            }
        }

        /// The rows of all tables that were inserted, changed or deleted since the cursor, in the
        /// order of their transactions; see `Table::changes`. Tables whose changes are not tracked
        /// are left out.
        pub fn changes(
            &self,
            after: ::kontract::__private::ChangeCursor,
        ) -> ::kontract::__private::ReadAllChanges {
            ::kontract::__private::changes_of(&self.kontract_base, &[#(#metas),*], after)
        }

        /// Those changes as a stream, which waits for new ones.
        pub fn subscribe(
            &self,
            after: ::kontract::__private::ChangeCursor,
        ) -> ::kontract::__private::Subscription<::kontract::__private::AnyChange> {
            self.changes(after).subscribe()
        }

        /// Runs the closure in a transaction, with handles that belong to it: `Ok` commits;
        /// `Err`, a panic and a dropped future roll back. After a serialization failure or a
        /// deadlock the closure runs again, up to five times. Inside a transaction it is a
        /// savepoint.
        ///
        /// # Errors
        /// The error of the closure, or of beginning and committing.
        pub async fn transaction<T, W>(
            &self,
            work: impl ::core::ops::Fn(Self) -> W,
        ) -> ::kontract::__private::Result<T>
        where
            W: ::core::future::Future<Output = ::kontract::__private::Result<T>>,
        {
            self.transaction_with(::kontract::__private::Transaction::new(), work).await
        }

        /// Runs the closure in a transaction with options.
        ///
        /// # Errors
        /// Those of `transaction`.
        pub async fn transaction_with<T, W>(
            &self,
            options: ::kontract::__private::Transaction,
            work: impl ::core::ops::Fn(Self) -> W,
        ) -> ::kontract::__private::Result<T>
        where
            W: ::core::future::Future<Output = ::kontract::__private::Result<T>>,
        {
            ::kontract::__private::transaction(
                &self.kontract_base,
                options,
                Self::kontract_of,
                work,
            )
            .await
        }
    }
}

fn storage_methods(handles: &[&Handle]) -> TokenStream {
    let shared = shared_methods("Base", handles);
    quote! {
        impl Storage {
            /// Opens the database at `url` and applies the migrations that it does not have yet.
            ///
            /// # Errors
            /// The database cannot be reached, or a migration fails or is refused.
            pub async fn connect(url: &str) -> ::kontract::__private::Result<Self> {
                let kontract_base =
                    ::kontract::__private::Base::connect(url, &KONTRACT_REGISTRY).await?;
                ::core::result::Result::Ok(Self::kontract_of(kontract_base))
            }

            /// The storage of an owner: its handles see and change only rows of the owner, and new
            /// rows belong to the owner. `id` is a text, or an `Owner` with several names.
            ///
            /// # Errors
            /// A name is empty, contains a NUL character, or is `system`.
            pub fn as_owner(
                &self,
                id: impl ::core::convert::Into<::kontract::__private::Owner>,
            ) -> ::kontract::__private::Result<OwnerStorage> {
                let kontract_base = self.kontract_base.as_owner(id)?;
                ::core::result::Result::Ok(OwnerStorage::kontract_of(kontract_base))
            }

            #shared

            /// The migrations of this package for the database at `url`, to run, reverse or list
            /// them by a command of the program. Connects at the first use.
            ///
            /// # Errors
            /// The URL is invalid.
            pub fn migrator(url: &str) -> ::kontract::__private::Result<::kontract::__private::Migrator> {
                ::kontract::__private::Base::migrator(url, &KONTRACT_REGISTRY)
            }
        }
    }
}

fn storage_traits() -> TokenStream {
    quote! {
        impl ::core::ops::Deref for Storage {
            type Target = ::kontract::__private::Base;
            fn deref(&self) -> &Self::Target {
                &self.kontract_base
            }
        }

        /// The schema and the migrations that this program expects of its database.
        #[derive(Clone, Copy, Debug)]
        #[non_exhaustive]
        pub struct StorageRegistry;

        impl ::kontract::__private::HasRegistry for StorageRegistry {
            const REGISTRY: &'static ::kontract::__private::Registry = &KONTRACT_REGISTRY;
        }
    }
}

fn registry_static(registry: &Registry) -> TokenStream {
    let Registry { package, version, head, generators, .. } = registry;
    let draft = match &registry.draft {
        None => quote!(::core::option::Option::None),
        Some(hash) => quote!(::core::option::Option::Some(#hash)),
    };
    let migrations = registry.migrations.iter().map(|migration| {
        let RustMigration { file, checksum, .. } = migration;
        let (module, ty) = (module_name(migration), tokens(&migration.type_name));
        quote! {
            ::kontract::__private::RustMigration {
                file: #file,
                checksum: #checksum,
                code: &#module::#ty,
            }
        }
    });
    quote! {
        static KONTRACT_REGISTRY: ::kontract::__private::Registry =
            ::kontract::__private::Registry {
                package: #package,
                version: #version,
                head: #head,
                draft: #draft,
                lock: ::core::include_str!(
                    ::core::concat!(::core::env!("KONTRACT_OUT"), "/lock.json")
                ),
                debug: ::core::cfg!(debug_assertions),
                generators: &[#(#generators),*],
                migrations: &[#(#migrations),*],
            };
    }
}

/// Asserts that the derive saw the same struct as the build script.
fn fingerprint_assertion(handle: &Handle) -> Option<TokenStream> {
    let fingerprint = u64::from_str_radix(handle.fingerprint.as_ref()?, 16).ok()?;
    let path = tokens(&handle.path);
    Some(quote! {
        const _: () = ::kontract::__private::assert_registered(
            <#path as ::kontract::__private::Record>::FINGERPRINT,
            #fingerprint,
        );
    })
}

/// The tokens of an identifier or a path that the build script wrote. Spans are those of the call.
fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|_| {
        let message = format!("the build script wrote the invalid name `{text}`");
        syn::Error::new(Span::call_site(), message).into_compile_error()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_to_items() {
        let handle = |name: &str, path: &str| Handle {
            name: name.into(),
            table: "t".into(),
            path: path.into(),
            is_pub: false,
            keyless: name == "log",
            for_owners: name != "a_b",
            fingerprint: Some("0000000000000007".into()),
        };
        let krate = Crate {
            name: "app".into(),
            is_bin: true,
            handles: vec![
                handle("a_b", "crate::A"),
                handle("r#type", "crate::r#type::B"),
                handle("kontract_base_", "crate::C"),
                handle("log", "crate::Log"),
            ],
        };
        let registry = Registry {
            package: "app".into(),
            version: 0,
            head: String::new(),
            draft: None,
            generators: Vec::new(),
            errors: vec!["a\n\"b\"".into()],
            migrations: vec![RustMigration {
                version: 2,
                path: "migrations/0002_x.rs".into(),
                file: "0002_x.rs".into(),
                checksum: "1:sha256:0".into(),
                type_name: "X".into(),
            }],
            crates: vec![krate.clone()],
        };
        let file = syn::parse2(storage(&registry, &krate)).expect("items");
        let file: syn::File = file;
        assert_eq!(file.items.len(), 16);
        let text = prettyplease::unparse(&file);
        for line in [
            r#"::core::compile_error!("a\n\"b\"");"#,
            "pub(crate) a_b: ::kontract::__private::Table<crate::A>,",
            "pub(crate) r#type: ::kontract::__private::Table<crate::r#type::B>,",
            "kontract_base_: kontract_base.table(),",
            "pub(crate) log: ::kontract::__private::KeylessTable<crate::Log>,",
            "log: kontract_base.keyless_table(),",
            "migrations/0002_x.rs\"]\nmod kontract_migration_0002;",
            "code: &kontract_migration_0002::X,",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn the_reference_lists_what_the_macro_brings() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/reference/storage.rs");
        let page = std::fs::read_to_string(page).expect("the page");
        let krate = Crate { name: "app".into(), is_bin: true, handles: Vec::new() };
        let registry = Registry {
            package: "app".into(),
            version: 0,
            head: String::new(),
            draft: None,
            generators: Vec::new(),
            errors: Vec::new(),
            migrations: Vec::new(),
            crates: vec![krate.clone()],
        };
        let file = syn::parse2::<syn::File>(storage(&registry, &krate)).expect("items");
        let mut types = Vec::new();
        for item in &file.items {
            match item {
                syn::Item::Struct(item) if matches!(item.vis, syn::Visibility::Public(_)) => {
                    types.push(item.ident.to_string());
                }
                syn::Item::Impl(item) if item.trait_.is_none() => {
                    for member in &item.items {
                        let syn::ImplItem::Fn(member) = member else { continue };
                        if !matches!(member.vis, syn::Visibility::Public(_)) {
                            continue;
                        }
                        let name = &member.sig.ident;
                        let is_method = member.sig.receiver().is_some();
                        let call = if is_method {
                            format!("storage.{name}(")
                        } else {
                            format!("Storage::{name}(")
                        };
                        assert!(page.contains(&format!("| `{call}")), "`{call}` has no row");
                    }
                }
                _ => {}
            }
        }
        assert_eq!(types, ["Storage", "OwnerStorage", "StorageRegistry"]);
        assert!(types.iter().all(|name| page.contains(&format!("# `{name}`"))));
    }
}
