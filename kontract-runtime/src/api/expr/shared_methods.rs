//! What a column and an expression both can do is written once: `both!` makes methods of both of it.

/// Each method for both types, with its documentation; that of a column makes an expression of it first.
///
/// `-> Self` is an expression of the same type: of a column, of the type that it has in its query, an
/// `Option` after an outer join. Bounds are single tokens, because the compiler then shows them where
/// they stand in the list, as if there were no macro.
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
    (@there Self, $expr:expr) => { Expr::of($expr.node) };
    (@there $out:ident, $expr:expr) => { $expr };
}

pub(super) use both;
