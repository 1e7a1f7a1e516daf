//! Methods that columns and expressions share: `both!` generates each of them for both types.

/// Generates each method for both types, with its documentation. The method of a column first makes
/// an expression of the column.
///
/// `-> Self` is an expression of the same type; for a column, of the type that it has in its query,
/// an `Option` after an outer join. Bounds are single tokens, because the compiler then points to
/// them in the list, as if the macro did not exist.
macro_rules! both {
    (
        impl Expr<S, T>, Column<Q, T> where S: $has:tt<Q, I $end:tt;
        $(
            $(#[$doc:meta])*
            fn $name:ident $(<$($generic:ident $(: $of:path)?),+>)? ($self:ident $(, $arg:ident: $ty:ty)*)
                -> $out:ident $(<$a:ty $(, $b:ty)?>)?
            $(where [$($bound:tt)+])?
            $body:block
        )*
    ) => {
        impl<S, T: Value> Expr<S, T> { $(
            $(#[$doc])*
            pub fn $name $(<$($generic $(: $of)?),+>)? ($self $(, $arg: $ty)*) -> $out $(<$a $(, $b)?>)?
            $(where $($bound)+)?
            $body
        )* }

        impl<Q: Source, T: Value> Column<Q, T> { $(
            $(#[$doc])*
            pub fn $name<S, I $($(, $generic $(: $of)?)+)?>(self $(, $arg: $ty)*)
                -> both!(@out $out $(<$a $(, $b)?>)?)
            where
                S: $has<Q, I $end,
                $($($bound)+)?
            {
                both!(@there $out, self.plain::<S, I>().$name($($arg),*))
            }
        )* }
    };
    (@out Self) => { Expr<S, <S::Presence as Presence>::Of<T>> };
    (@out $out:ty) => { $out };
    (@there Self, $expr:expr) => { Expr::from_node($expr.node) };
    (@there $out:ident, $expr:expr) => { $expr };
}

pub(super) use both;
