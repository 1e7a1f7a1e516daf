#[doc(hidden)]
const _: () = {
    use ::kontract::__private as k;
    #[allow(dead_code)]
    fn types() {
        k::assert_is::<k::words::Uuid, Uuid>();
        k::assert_is::<k::words::String, String>();
        k::assert_is::<k::words::String, String>();
        k::assert_is::<k::words::Int32, i32>();
        k::assert_is::<k::words::Bytes, Vec<u8>>();
        k::assert_is::<k::words::Optional<k::words::String>, Option<String>>();
        k::assert_is::<k::words::Date, Timestamp>();
        k::assert_is::<k::words::Date, Timestamp>();
    }
    impl k::Record for Post {
        const SCHEMA: &'static str = "{\"ptr\":\"posts\",\"layout\":\"columns\",\"schema\":{\"id\":{\"type\":\"uuid\",\"primkey\":true},\"author\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"likes\":{\"type\":\"int32\",\"default\":0},\"body\":{\"type\":\"bytes\"},\"bio\":{\"type\":\"string\",\"optional\":true},\"created\":{\"type\":\"date\",\"stamp\":\"created_at\"},\"updated\":{\"type\":\"date\",\"stamp\":\"updated_at\"}},\"indexes\":{\"idx_posts_author\":{\"fields\":[\"author\"]}}}";
        const NAME: &'static str = "posts";
        const FINGERPRINT: u64 = 10116000526701719275u64;
        const CREATE_POSTGRES: &'static [&'static str] = &[
            "CREATE TABLE IF NOT EXISTS posts (\n  id UUID PRIMARY KEY,\n  author TEXT NOT NULL,\n  title TEXT NOT NULL,\n  likes INTEGER NOT NULL DEFAULT 0,\n  body BYTEA NOT NULL,\n  bio TEXT,\n  created BIGINT NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint,\n  updated BIGINT NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint\n)",
            "CREATE INDEX IF NOT EXISTS idx_posts_author ON posts (author)",
        ];
        const CREATE_SQLITE: &'static [&'static str] = &[
            "CREATE TABLE IF NOT EXISTS posts (\n  id TEXT NOT NULL PRIMARY KEY,\n  author TEXT NOT NULL,\n  title TEXT NOT NULL,\n  likes INTEGER NOT NULL DEFAULT 0,\n  body BLOB NOT NULL,\n  bio TEXT,\n  created INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)),\n  updated INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))\n) STRICT",
            "CREATE INDEX IF NOT EXISTS idx_posts_author ON posts (author)",
        ];
        fn meta() -> &'static k::Meta {
            static META: k::LazyMeta = k::LazyMeta::new(
                "posts",
                <Post as k::Record>::SCHEMA,
            );
            META.get()
        }
        fn encode(&self, to: &mut dyn k::Binder) -> k::Result<()> {
            k::ToColumns::to_columns(
                (
                    &self.id,
                    &self.author,
                    &self.title,
                    &self.likes,
                    &self.body,
                    &self.bio,
                    &self.created,
                    &self.updated,
                ),
                to,
            )
        }
        fn decode(from: &mut dyn k::Reader) -> k::Result<Self> {
            let row: (
                Uuid,
                String,
                String,
                i32,
                Vec<u8>,
                Option<String>,
                Timestamp,
                Timestamp,
            ) = k::fields(from)?;
            ::core::result::Result::Ok(Self {
                id: row.0,
                author: row.1,
                title: row.2,
                likes: row.3,
                body: row.4,
                bio: row.5,
                created: row.6,
                updated: row.7,
            })
        }
        fn touch(&mut self, now: k::Timestamp) {
            self.updated = k::Moment::moment(now);
        }
    }
    impl k::Keyed for Post {
        type Key = Uuid;
        fn key(&self) -> Self::Key {
            ::core::clone::Clone::clone(&self.id)
        }
    }
    impl k::Distinct for Post {}
};
///A new row for `posts`. Fields that are not set are filled in.
#[allow(missing_docs, dead_code)]
pub struct NewPost {
    pub id: ::core::option::Option<Uuid>,
    pub author: String,
    pub title: String,
    pub likes: ::core::option::Option<i32>,
    pub body: Vec<u8>,
    pub bio: Option<String>,
    pub created: ::core::option::Option<Timestamp>,
    pub updated: ::core::option::Option<Timestamp>,
}
#[allow(
    missing_docs,
    dead_code,
    clippy::too_many_arguments,
    clippy::new_without_default
)]
impl NewPost {
    pub fn new(
        author: impl ::kontract::__private::Assign<String>,
        title: impl ::kontract::__private::Assign<String>,
        body: impl ::kontract::__private::Assign<Vec<u8>>,
    ) -> Self {
        Self {
            author: ::kontract::__private::Assign::assign(author),
            title: ::kontract::__private::Assign::assign(title),
            body: ::kontract::__private::Assign::assign(body),
            id: ::core::default::Default::default(),
            likes: ::core::default::Default::default(),
            bio: ::core::default::Default::default(),
            created: ::core::default::Default::default(),
            updated: ::core::default::Default::default(),
        }
    }
    pub fn id(mut self, value: impl ::kontract::__private::Assign<Uuid>) -> Self {
        ::kontract::__private::give(&mut self.id, value);
        self
    }
    pub fn likes(mut self, value: impl ::kontract::__private::Assign<i32>) -> Self {
        ::kontract::__private::give(&mut self.likes, value);
        self
    }
    pub fn bio(
        mut self,
        value: impl ::kontract::__private::Assign<Option<String>>,
    ) -> Self {
        ::kontract::__private::put(&mut self.bio, value);
        self
    }
    pub fn created(
        mut self,
        value: impl ::kontract::__private::Assign<Timestamp>,
    ) -> Self {
        ::kontract::__private::give(&mut self.created, value);
        self
    }
    pub fn updated(
        mut self,
        value: impl ::kontract::__private::Assign<Timestamp>,
    ) -> Self {
        ::kontract::__private::give(&mut self.updated, value);
        self
    }
}
///Changes of a row of `posts`. Fields that are not set stay.
#[derive(::core::clone::Clone)]
pub struct PostPatch(::kontract::__private::Patch<Post>);
#[allow(missing_docs, dead_code)]
impl PostPatch {
    pub fn author(self, value: impl ::kontract::__private::Assign<String>) -> Self {
        Self(self.0.with::<String>(1usize, value))
    }
    pub fn title(self, value: impl ::kontract::__private::Assign<String>) -> Self {
        Self(self.0.with::<String>(2usize, value))
    }
    pub fn likes(self, value: impl ::kontract::__private::Assign<i32>) -> Self {
        Self(self.0.with::<i32>(3usize, value))
    }
    pub fn body(self, value: impl ::kontract::__private::Assign<Vec<u8>>) -> Self {
        Self(self.0.with::<Vec<u8>>(4usize, value))
    }
    pub fn bio(self, value: impl ::kontract::__private::Assign<Option<String>>) -> Self {
        Self(self.0.with::<Option<String>>(5usize, value))
    }
    /// Sets a field to an expression over the row before the update.
    pub fn set<T: ::kontract::__private::Value, I>(
        mut self,
        column: ::kontract::__private::Column<Post, T>,
        what: impl ::kontract::__private::Computes<Post, T, I>,
    ) -> Self {
        self.0.compute(column, what);
        self
    }
}
#[allow(dead_code)]
impl Post {
    /// Changes of a row, for `update`.
    pub fn patch() -> PostPatch {
        PostPatch(::kontract::__private::Patch::new())
    }
}
const _: () = {
    use ::kontract::__private as k;
    #[doc(hidden)]
    #[allow(non_upper_case_globals, missing_docs, dead_code)]
    impl Post {
        pub const id: k::Column<Post, Uuid> = k::Column::new(0usize);
        pub const author: k::Column<Post, String> = k::Column::new(1usize);
        pub const title: k::Column<Post, String> = k::Column::new(2usize);
        pub const likes: k::Column<Post, i32> = k::Column::new(3usize);
        pub const body: k::Column<Post, Vec<u8>> = k::Column::new(4usize);
        pub const bio: k::Column<Post, Option<String>> = k::Column::new(5usize);
        pub const created: k::Column<Post, Timestamp> = k::Column::new(6usize);
        pub const updated: k::Column<Post, Timestamp> = k::Column::new(7usize);
    }
    impl ::core::clone::Clone for NewPost {
        fn clone(&self) -> Self {
            Self {
                id: self.id.clone(),
                author: self.author.clone(),
                title: self.title.clone(),
                likes: self.likes.clone(),
                body: self.body.clone(),
                bio: self.bio.clone(),
                created: self.created.clone(),
                updated: self.updated.clone(),
            }
        }
    }
    impl k::Insert<Post> for NewPost {
        #[allow(unused_variables)]
        fn into_row(self, now: k::Timestamp) -> k::NewRow<Post> {
            k::NewRow::Record(Post {
                id: self.id.unwrap_or_else(k::new_id),
                author: self.author,
                title: self.title,
                likes: k::or(self.likes, 0),
                body: self.body,
                bio: self.bio,
                created: k::or_now(self.created, now),
                updated: k::or_now(self.updated, now),
            })
        }
    }
    #[allow(clippy::from_over_into)]
    impl ::core::convert::Into<k::Patch<Post>> for PostPatch {
        fn into(self) -> k::Patch<Post> {
            self.0
        }
    }
};
