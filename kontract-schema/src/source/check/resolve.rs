//! Finds the enum, document or table that a path in the source means.
//!
//! Kontract does not follow `use`: a path is matched by its end. Among several items of the same
//! name one in the same module wins; otherwise the source has to write more of the path. The derive's
//! assertions prove that it is the type that the compiler sees.

use std::collections::BTreeSet;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::VariantRename;
use crate::model::types::{Member, Type};
use crate::source::raw::{RawDocument, RawEnum, RawField, RawTable, RawType};

/// An item with its place in the package.
#[derive(Clone, Debug)]
pub struct Item<T> {
    /// The item as the source writes it.
    pub raw: T,
    /// The modules above it, from the crate root.
    pub module: Vec<String>,
    /// File and line for messages, `src/models.rs:12`.
    pub place: String,
}

/// All items of a package.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// Structs with `#[derive(Table)]`.
    pub tables: Vec<Item<RawTable>>,
    /// Enums with `#[derive(Enum)]`.
    pub enums: Vec<Item<RawEnum>>,
    /// Structs with `#[derive(Document)]`.
    pub documents: Vec<Item<RawDocument>>,
    /// The names of structs and enums with mistakes, which their derives report. The lists above do
    /// not have them.
    pub faulty: BTreeSet<String>,
}

/// An item that has a name.
pub trait Ident {
    /// The name in the source.
    fn ident(&self) -> &str;
}

impl Ident for RawTable {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl Ident for RawEnum {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl Ident for RawDocument {
    fn ident(&self) -> &str {
        &self.ident
    }
}

impl<T: Ident> Item<T> {
    /// `crate::models::User`.
    pub fn path(&self) -> String {
        let mut segments = vec!["crate"];
        segments.extend(self.module.iter().map(String::as_str));
        segments.push(self.raw.ident());
        segments.join("::")
    }
}

/// The items that match a path.
enum Found<T> {
    One(T),
    None,
    Several(Vec<String>),
}

pub(super) struct Resolver<'a> {
    items: &'a Items,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(items: &'a Items) -> Resolver<'a> {
        Resolver { items }
    }

    /// The table that a reference names.
    pub(super) fn find_table(
        &self,
        path: &str,
        from: &Item<RawTable>,
    ) -> Option<&'a Item<RawTable>> {
        match find(&self.items.tables, path, &from.module) {
            Found::One(item) => Some(item),
            _ => None,
        }
    }

    /// Whether a path names a struct or enum with mistakes.
    pub(super) fn is_faulty(&self, path: &str) -> bool {
        path.rsplit("::").next().is_some_and(|name| self.items.faulty.contains(name))
    }

    /// The enum that the type of a field names.
    pub(super) fn find_enum(&self, ty: &RawType, from: &Item<RawTable>) -> Option<&'a RawEnum> {
        let RawType::Named(path, _) = ty else { return None };
        match find(&self.items.enums, path, &from.module) {
            Found::One(item) => Some(&item.raw),
            _ => None,
        }
    }

    /// The fingerprint of the enum or document that the type of a field names.
    pub(super) fn fingerprint(&self, ty: &RawType, from: &Item<RawTable>) -> Option<u64> {
        let path = match ty {
            RawType::Known(_) => return None,
            RawType::List(element) => return self.fingerprint(element, from),
            RawType::Named(path, _) => path,
        };
        match (
            find(&self.items.enums, path, &from.module),
            find(&self.items.documents, path, &from.module),
        ) {
            (Found::One(item), Found::None) => Some(crate::source::raw::fingerprint(&item.raw)),
            (Found::None, Found::One(item)) => Some(crate::source::raw::fingerprint(&item.raw)),
            _ => None,
        }
    }

    /// The type of a field. A type that cannot be resolved is reported; [`Type::Sql`] replaces it.
    pub(super) fn resolve_type(
        &self,
        ty: &RawType,
        from: &Item<RawTable>,
        table: &str,
        field: &str,
        problems: &mut Diagnostics,
    ) -> Type {
        self.resolve(ty, &from.module, &mut Vec::new()).unwrap_or_else(|problem| {
            problems.push((*problem).on(table, Some(field)));
            Type::Sql
        })
    }

    /// The variants under new names in the type of a field.
    pub(super) fn renamed_variants(
        &self,
        ty: &RawType,
        from: &Item<RawTable>,
    ) -> Vec<VariantRename> {
        let mut found = Vec::new();
        self.collect_renamed(ty, &from.module, &mut Vec::new(), &mut Vec::new(), &mut found);
        found
    }

    fn collect_renamed(
        &self,
        ty: &RawType,
        module: &[String],
        path: &mut Vec<String>,
        inside: &mut Vec<String>,
        found: &mut Vec<VariantRename>,
    ) {
        let name = match ty {
            RawType::Known(_) => return,
            RawType::List(element) => {
                return self.collect_renamed(element, module, path, inside, found);
            }
            RawType::Named(name, _) => name,
        };
        let enums = find(&self.items.enums, name, module);
        match (enums, find(&self.items.documents, name, module)) {
            (Found::One(item), Found::None) => {
                found.extend(item.raw.renamed.iter().map(|(from, to)| VariantRename {
                    path: path.clone(),
                    from: from.clone(),
                    to: to.clone(),
                }));
            }
            // `resolve` reports a document that contains itself.
            (Found::None, Found::One(item)) if !inside.contains(&item.path()) => {
                inside.push(item.path());
                for field in &item.raw.fields {
                    path.push(field.json.clone());
                    self.collect_renamed(&field.ty, &item.module, path, inside, found);
                    path.pop();
                }
                inside.pop();
            }
            _ => {}
        }
    }

    fn resolve(
        &self,
        ty: &RawType,
        module: &[String],
        inside: &mut Vec<String>,
    ) -> Result<Type, Box<Diagnostic>> {
        match ty {
            RawType::Known(known) => Ok(known.clone()),
            RawType::List(element) => {
                Ok(Type::Array(Box::new(self.resolve(element, module, inside)?)))
            }
            RawType::Named(path, _) => self.resolve_named(path, module, inside),
        }
    }

    fn resolve_named(
        &self,
        path: &str,
        module: &[String],
        inside: &mut Vec<String>,
    ) -> Result<Type, Box<Diagnostic>> {
        let enums = find(&self.items.enums, path, module);
        let documents = find(&self.items.documents, path, module);
        match (enums, documents) {
            (Found::One(item), Found::None) => {
                let stored = item.raw.variants.iter().map(|(_, stored)| stored.clone());
                Ok(Type::Enum(stored.collect()))
            }
            (Found::None, Found::One(item)) => {
                let full = item.path();
                if inside.contains(&full) {
                    return Err(Box::new(
                        Diagnostic::new(
                            code::RECURSIVE_DOCUMENT,
                            format!("the document `{path}` contains itself"),
                        )
                        .help("refer to a table instead, or use a `Json` field"),
                    ));
                }
                inside.push(full);
                let members: Result<Vec<Member>, _> =
                    item.raw.fields.iter().map(|field| self.resolve_member(field, item, inside)).collect();
                inside.pop();
                members.map(Type::Object)
            }
            (Found::None, Found::None) if self.is_faulty(path) => Err(Box::new(
                Diagnostic::new(code::UNKNOWN_TYPE, format!("`{path}` has no column type"))
                    .note("its derive reports a mistake in it")
                    .help("correct that mistake first"),
            )),
            (Found::None, Found::None) => Err(Box::new(
                Diagnostic::new(code::UNKNOWN_TYPE, format!("`{path}` has no column type"))
                    .note("this package has no enum or struct of that name with `#[derive(Enum)]` or `#[derive(Document)]`; type aliases are not followed")
                    .help("derive one of them, write the aliased type, or give `#[column(sql_type = \"…\")]`"),
            )),
            (enums, documents) => {
                let mut all = enums.paths();
                all.extend(documents.paths());
                Err(Box::new(
                    Diagnostic::new(code::AMBIGUOUS_TYPE, format!("`{path}` may be {}", all.join(" or ")))
                        .help("write more of its path"),
                ))
            }
        }
    }

    fn resolve_member(
        &self,
        field: &RawField,
        document: &Item<RawDocument>,
        inside: &mut Vec<String>,
    ) -> Result<Member, Box<Diagnostic>> {
        Ok(Member {
            name: field.json.clone(),
            ty: self.resolve(&field.ty, &document.module, inside)?,
            optional: field.optional || field.serde_default,
        })
    }
}

impl<T: Ident> Found<&Item<T>> {
    fn paths(&self) -> Vec<String> {
        match self {
            Found::One(item) => vec![item.path()],
            Found::None => Vec::new(),
            Found::Several(paths) => paths.iter().map(|path| format!("`{path}`")).collect(),
        }
    }
}

fn find<'a, T: Ident>(items: &'a [Item<T>], path: &str, module: &[String]) -> Found<&'a Item<T>> {
    let segments: Vec<&str> =
        path.split("::").filter(|s| !matches!(*s, "crate" | "self" | "super" | "")).collect();
    let Some((last, parents)) = segments.split_last() else { return Found::None };
    let matching: Vec<&Item<T>> = items
        .iter()
        .filter(|item| item.raw.ident() == *last)
        .filter(|item| {
            item.module.iter().map(String::as_str).collect::<Vec<_>>().ends_with(parents)
        })
        .collect();
    match &matching[..] {
        [] => Found::None,
        [one] => Found::One(one),
        several => {
            // A path from the root, or a name in the same module.
            let exact = |item: &&&Item<T>| match path.strip_prefix("crate::") {
                Some(_) => item.module.iter().map(String::as_str).eq(parents.iter().copied()),
                None => parents.is_empty() && item.module == module,
            };
            let exact: Vec<_> = several.iter().filter(exact).collect();
            match &exact[..] {
                [one] => Found::One(one),
                _ => Found::Several(several.iter().map(|item| item.path()).collect()),
            }
        }
    }
}
