#[doc(hidden)]
const _: () = {
    use ::kontract::__private as k;
    #[allow(dead_code)]
    fn types() {
        k::assert_is::<k::words::String, String>();
        k::assert_is::<k::words::String, String>();
        k::assert_is::<k::words::String, String>();
        k::assert_is::<k::words::Number, f64>();
        k::assert_is::<k::words::Array<k::words::String>, Vec<String>>();
        k::assert_is::<k::words::Optional<k::words::String>, Option<String>>();
        k::assert_is::<k::words::Boolean, bool>();
        k::assert_is::<k::words::Date, Timestamp>();
    }
    impl k::Record for User {
        const SCHEMA: &'static str = "{\"ptr\":\"tbl_users_d3b43b\",\"schema\":{\"id\":{\"type\":\"string\",\"primkey\":true},\"name\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"},\"age\":{\"type\":\"number\"},\"tags\":{\"type\":\"string[]\"},\"bio\":{\"type\":\"string\",\"optional\":true},\"admin\":{\"type\":\"boolean\"},\"seen\":{\"type\":\"date\"}}}";
        const NAME: &'static str = "users";
        const FINGERPRINT: u64 = 1753797080138741230u64;
        const CREATE_POSTGRES: &'static [&'static str] = &[
            "CREATE TABLE IF NOT EXISTS tbl_users_d3b43b (\n  id TEXT PRIMARY KEY,\n  data JSONB NOT NULL,\n  _version INT NOT NULL DEFAULT 1,\n  _txid BIGINT NOT NULL DEFAULT txid_current(),\n  _owner TEXT NOT NULL,\n  _deleted_txid BIGINT,\n  _order BIGSERIAL,\n  CONSTRAINT users_name_required CHECK (data ? 'name'),\n  CONSTRAINT users_email_required CHECK (data ? 'email'),\n  CONSTRAINT users_age_required CHECK (data ? 'age'),\n  CONSTRAINT users_admin_required CHECK (data ? 'admin'),\n  CONSTRAINT users_seen_required CHECK (data ? 'seen')\n)",
            "CREATE INDEX IF NOT EXISTS idx_users_txid ON tbl_users_d3b43b (_txid)",
            "CREATE INDEX IF NOT EXISTS idx_users_owner ON tbl_users_d3b43b (_owner)",
            "CREATE INDEX IF NOT EXISTS idx_users_order ON tbl_users_d3b43b (_order) WHERE _deleted_txid IS NULL",
        ];
        const CREATE_SQLITE: &'static [&'static str] = &[
            "CREATE TABLE IF NOT EXISTS tbl_users_d3b43b (\n  id TEXT NOT NULL PRIMARY KEY,\n  data TEXT NOT NULL,\n  _version INTEGER NOT NULL DEFAULT 1,\n  _txid INTEGER NOT NULL,\n  _owner TEXT NOT NULL,\n  _deleted_txid INTEGER,\n  _order INTEGER NOT NULL,\n  CONSTRAINT users_data_json CHECK (json_valid(data)),\n  CONSTRAINT users_name_required CHECK (json_type(data, '$.\"name\"') IS NOT NULL),\n  CONSTRAINT users_email_required CHECK (json_type(data, '$.\"email\"') IS NOT NULL),\n  CONSTRAINT users_age_required CHECK (json_type(data, '$.\"age\"') IS NOT NULL),\n  CONSTRAINT users_admin_required CHECK (json_type(data, '$.\"admin\"') IS NOT NULL),\n  CONSTRAINT users_seen_required CHECK (json_type(data, '$.\"seen\"') IS NOT NULL)\n) STRICT",
            "CREATE INDEX IF NOT EXISTS idx_users_txid ON tbl_users_d3b43b (_txid)",
            "CREATE INDEX IF NOT EXISTS idx_users_owner ON tbl_users_d3b43b (_owner)",
            "CREATE INDEX IF NOT EXISTS idx_users_order ON tbl_users_d3b43b (_order) WHERE _deleted_txid IS NULL",
        ];
        fn meta() -> &'static k::Meta {
            static META: k::LazyMeta = k::LazyMeta::new(
                "users",
                <User as k::Record>::SCHEMA,
            );
            META.get()
        }
        fn encode(&self, to: &mut dyn k::Binder) -> k::Result<()> {
            k::document((&self.id,), self, to)
        }
        fn decode(from: &mut dyn k::Reader) -> k::Result<Self> {
            k::from_document(from)
        }
    }
    impl k::Keyed for User {
        type Key = String;
        fn key(&self) -> Self::Key {
            ::core::clone::Clone::clone(&self.id)
        }
    }
    impl k::Distinct for User {}
    impl k::Ordered for User {}
    impl k::Versioned for User {}
    impl k::SoftDelete for User {}
    impl k::Owned for User {}
    impl k::OwnerTable for User {}
    impl k::Tracked for User {}
};
///A new row for `users`. Fields that are not set are filled in.
#[allow(missing_docs, dead_code)]
pub struct NewUser {
    pub id: ::core::option::Option<String>,
    pub name: String,
    pub email: String,
    pub age: f64,
    pub tags: Vec<String>,
    pub bio: Option<String>,
    pub admin: bool,
    pub seen: Timestamp,
}
#[allow(
    missing_docs,
    dead_code,
    clippy::too_many_arguments,
    clippy::new_without_default
)]
impl NewUser {
    pub fn new(
        name: impl ::kontract::__private::Assign<String>,
        email: impl ::kontract::__private::Assign<String>,
        age: impl ::kontract::__private::Assign<f64>,
        admin: impl ::kontract::__private::Assign<bool>,
        seen: impl ::kontract::__private::Assign<Timestamp>,
    ) -> Self {
        Self {
            name: ::kontract::__private::Assign::assign(name),
            email: ::kontract::__private::Assign::assign(email),
            age: ::kontract::__private::Assign::assign(age),
            admin: ::kontract::__private::Assign::assign(admin),
            seen: ::kontract::__private::Assign::assign(seen),
            id: ::core::default::Default::default(),
            tags: ::core::default::Default::default(),
            bio: ::core::default::Default::default(),
        }
    }
    pub fn id(mut self, value: impl ::kontract::__private::Assign<String>) -> Self {
        ::kontract::__private::give(&mut self.id, value);
        self
    }
    pub fn tags(
        mut self,
        value: impl ::kontract::__private::Assign<Vec<String>>,
    ) -> Self {
        ::kontract::__private::put(&mut self.tags, value);
        self
    }
    pub fn bio(
        mut self,
        value: impl ::kontract::__private::Assign<Option<String>>,
    ) -> Self {
        ::kontract::__private::put(&mut self.bio, value);
        self
    }
}
///Changes of a row of `users`. Fields that are not set stay.
#[derive(::core::clone::Clone)]
pub struct UserPatch(::kontract::__private::Patch<User>);
#[allow(missing_docs, dead_code)]
impl UserPatch {
    pub fn name(self, value: impl ::kontract::__private::Assign<String>) -> Self {
        Self(self.0.with_member::<String>(1usize, value))
    }
    pub fn email(self, value: impl ::kontract::__private::Assign<String>) -> Self {
        Self(self.0.with_member::<String>(2usize, value))
    }
    pub fn age(self, value: impl ::kontract::__private::Assign<f64>) -> Self {
        Self(self.0.with_member::<f64>(3usize, value))
    }
    pub fn tags(self, value: impl ::kontract::__private::Assign<Vec<String>>) -> Self {
        Self(self.0.with_member::<Vec<String>>(4usize, value))
    }
    pub fn bio(self, value: impl ::kontract::__private::Assign<Option<String>>) -> Self {
        Self(self.0.with_member::<Option<String>>(5usize, value))
    }
    pub fn admin(self, value: impl ::kontract::__private::Assign<bool>) -> Self {
        Self(self.0.with_member::<bool>(6usize, value))
    }
    pub fn seen(self, value: impl ::kontract::__private::Assign<Timestamp>) -> Self {
        Self(self.0.with_member::<Timestamp>(7usize, value))
    }
    /// Sets a field to an expression over the row before the update.
    pub fn set<T: ::kontract::__private::Value, I>(
        mut self,
        column: ::kontract::__private::Column<User, T>,
        what: impl ::kontract::__private::Computes<User, T, I>,
    ) -> Self {
        self.0.compute(column, what);
        self
    }
}
#[allow(dead_code)]
impl User {
    /// Changes of a row, for `update`.
    pub fn patch() -> UserPatch {
        UserPatch(::kontract::__private::Patch::new())
    }
}
const _: () = {
    use ::kontract::__private as k;
    #[doc(hidden)]
    #[allow(non_upper_case_globals, missing_docs, dead_code)]
    impl User {
        pub const id: k::Column<User, String> = k::Column::new(0usize);
        pub const name: k::Column<User, String> = k::Column::new(1usize);
        pub const email: k::Column<User, String> = k::Column::new(2usize);
        pub const age: k::Column<User, f64> = k::Column::new(3usize);
        pub const tags: k::Column<User, Vec<String>> = k::Column::new(4usize);
        pub const bio: k::Column<User, Option<String>> = k::Column::new(5usize);
        pub const admin: k::Column<User, bool> = k::Column::new(6usize);
        pub const seen: k::Column<User, Timestamp> = k::Column::new(7usize);
    }
    impl ::core::clone::Clone for NewUser {
        fn clone(&self) -> Self {
            Self {
                id: self.id.clone(),
                name: self.name.clone(),
                email: self.email.clone(),
                age: self.age.clone(),
                tags: self.tags.clone(),
                bio: self.bio.clone(),
                admin: self.admin.clone(),
                seen: self.seen.clone(),
            }
        }
    }
    impl k::Insert<User> for NewUser {
        #[allow(unused_variables)]
        fn into_row(self, now: k::Timestamp) -> k::NewRow<User> {
            k::NewRow::Record(User {
                id: self.id.unwrap_or_else(k::new_id),
                name: self.name,
                email: self.email,
                age: self.age,
                tags: self.tags,
                bio: self.bio,
                admin: self.admin,
                seen: self.seen,
            })
        }
    }
    #[allow(clippy::from_over_into)]
    impl ::core::convert::Into<k::Patch<User>> for UserPatch {
        fn into(self) -> k::Patch<User> {
            self.0
        }
    }
};
