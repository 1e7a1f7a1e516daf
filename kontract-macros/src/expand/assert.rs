//! Assertions that the types are those that their tokens name: a type alias does not compile.

use kontract_schema::model::types::Type;
use kontract_schema::source::raw::RawType;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Checked, name};

/// For each field, that its type is the one in the lock file; for enums and documents also that they
/// are the items that the build script resolved.
pub fn types(checked: &Checked<'_>) -> TokenStream {
    let fields = checked.fields.iter().zip(&checked.raw.fields).zip(&checked.table().schema);
    let mut words = TokenStream::new();
    let mut prints = TokenStream::new();
    for ((tokens, raw), field) in fields {
        let ty = &tokens.ty;
        let span = raw.ty_at.start;
        if let Some(word) = marker_path(&field.ty) {
            let word = if field.optional { quote!(k::words::Optional<#word>) } else { word };
            words.extend(quote_spanned!(span=> k::assert_is::<#word, #ty>();));
        }
        if let Some(print) = checked.verdict.types.get(&field.name) {
            let print = u64::from_str_radix(print, 16).unwrap_or_default();
            let message = format!(
                "kontract[K0022]: the build script resolved the type of `{}` to another item; write its path",
                name(tokens)
            );
            prints.extend(quote_spanned! {span=>
                ::core::assert!(<#ty as k::Described>::FINGERPRINT == #print, #message);
            });
        }
    }
    let prints = (!prints.is_empty()).then(|| quote!(const _: () = { #prints };));
    // Never called: it only has to compile.
    quote! {
        #[allow(dead_code)]
        fn types() { #words }
        #prints
    }
}

/// For a field of a document. The derive does not know its enums and documents.
pub fn member(raw: &RawType, optional: bool, ty: &syn::Type, span: Span) -> TokenStream {
    let RawType::Known(known) = raw else { return TokenStream::new() };
    let Some(word) = marker_path(known) else { return TokenStream::new() };
    let word = if optional { quote!(k::words::Optional<#word>) } else { word };
    quote_spanned!(span=> k::assert_is::<#word, #ty>();)
}

/// The path of the marker of a type; `None` for a type with a `sql_type`.
fn marker_path(ty: &Type) -> Option<TokenStream> {
    let ident = match ty {
        Type::Array(element) => {
            let element = marker_path(element)?;
            return Some(quote!(k::words::Array<#element>));
        }
        Type::Enum(_) => "Enum",
        Type::Object(_) => "Object",
        Type::Sql => return None,
        Type::String => "String",
        Type::Number => "Number",
        Type::Boolean => "Boolean",
        Type::Bigint => "Bigint",
        Type::Date => "Date",
        Type::Bytes => "Bytes",
        Type::Int8 => "Int8",
        Type::Int16 => "Int16",
        Type::Int32 => "Int32",
        Type::Uint8 => "Uint8",
        Type::Uint16 => "Uint16",
        Type::Uint32 => "Uint32",
        Type::Float32 => "Float32",
        Type::Uuid => "Uuid",
        Type::Decimal => "Decimal",
        Type::Json => "Json",
        Type::Instant => "Instant",
        Type::DateTime => "DateTime",
        Type::Day => "Day",
        Type::Time => "Time",
    };
    let ident = Ident::new(ident, Span::call_site());
    Some(quote!(k::words::#ident))
}
