//! The database behind journals.

use std::{
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use sqlx::{
    AnyPool, SqlSafeStr,
    any::AnyPoolOptions,
    error::DatabaseError,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};
use thiserror::Error;
use url::Url;

use crate::{
    JournalError, Leadership, MemoryOutbox, MemorySpending, Outbox, Spending, SqlJournal, SqlOutbox, SqlSpending,
};

/// How many damaged files are kept beside a journal; whoever has more should look into it.
const MOST_DAMAGED: u32 = 99;

/// Where journals are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite, which is made where there is none.
    File(PathBuf),
    /// A database of PostgreSQL, which is there.
    Postgres(Url),
}

/// A place that makes no sense.
#[derive(Debug, Error)]
pub enum PlaceError {
    /// It looks like an address, and is none.
    #[error("that is no address of a database")]
    Address(#[source] url::ParseError),
    /// It is an address of something else.
    #[error("a journal is kept in a file or by PostgreSQL (postgres://…), not by {0}")]
    Unknown(String),
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(words: &str) -> Result<Self, PlaceError> {
        if !words.contains("://") {
            return Ok(Self::File(words.into()));
        }
        // The address is not repeated: it may hold a password.
        let url = Url::parse(words).map_err(PlaceError::Address)?;
        match url.scheme() {
            "postgres" | "postgresql" => Ok(Self::Postgres(url)),
            "sqlite" | "file" => Ok(Self::File(words.split_once("://").map_or(words, |(_, path)| path).into())),
            other => Err(PlaceError::Unknown(other.to_owned())),
        }
    }
}

impl fmt::Display for Place {
    /// Without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Postgres(url) => {
                let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
                write!(f, "postgres://{}{port}{}", url.host_str().unwrap_or(""), url.path())
            }
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a database of journals cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database does not answer, or refuses.
    #[error("the journal at {place} cannot be opened")]
    Open {
        /// Where.
        place: Place,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// Its tables are not those of this program, or of a later one.
    #[error("the journal at {place} cannot be brought up to date")]
    Migrate {
        /// Where.
        place: Place,
        /// Why.
        #[source]
        source: MigrateError,
    },
    /// A file proved damaged, and was left as it is.
    #[error("{} is damaged", file.display())]
    Damaged {
        /// Which.
        file: PathBuf,
    },
    /// A folder or a file of it cannot be used.
    #[error("{} cannot be used", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What must outlive a program that sends with an account's key.
#[derive(Clone)]
pub struct Account {
    /// What it spends.
    pub spending: Arc<dyn Spending>,
    /// What it is about to send.
    pub outbox: Arc<dyn Outbox>,
}

impl Default for Account {
    /// One that lives no longer than the program.
    fn default() -> Self {
        Self { spending: Arc::<MemorySpending>::default(), outbox: Arc::<MemoryOutbox>::default() }
    }
}

/// A database of journals.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    place: Place,
    /// Where a damaged file was put, if there was one.
    set_aside: Option<PathBuf>,
}

impl Store {
    /// Opens what is there, and makes what is missing. A file that proves damaged is set aside and begun anew; no other
    /// program may have it open then.
    pub async fn open(place: Place) -> Result<Self, StoreError> {
        match Self::open_sound(place).await {
            Err(StoreError::Damaged { file }) => Self::begin_anew(&file).await,
            opened => opened,
        }
    }

    /// The same, but fails with `StoreError::Damaged` where a file proves damaged.
    pub async fn open_sound(place: Place) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let Place::File(file) = &place else { return Self::connect(place, None).await };
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|source| StoreError::File { file: folder.to_owned(), source })?;
        }
        if !file.exists() {
            return Self::connect(place, None).await;
        }
        match Self::connect(place.clone(), None).await {
            Ok(store) if store.is_sound().await => Ok(store),
            Ok(store) => {
                store.pool.close().await;
                Err(StoreError::Damaged { file: file.clone() })
            }
            Err(error) if says_damage(&error) => Err(StoreError::Damaged { file: file.clone() }),
            Err(error) => Err(error),
        }
    }

    async fn begin_anew(file: &Path) -> Result<Self, StoreError> {
        let aside = set_aside(file).map_err(|source| StoreError::File { file: file.to_owned(), source })?;
        Self::connect(Place::File(file.to_owned()), Some(aside)).await
    }

    async fn connect(place: Place, set_aside: Option<PathBuf>) -> Result<Self, StoreError> {
        let url = place.url();
        let opened = |source| StoreError::Open { place: place.clone(), source };
        let options = AnyPoolOptions::new();
        let options = match &place {
            // SQLite has one writer; the one connection never waits for another of this process, and stays.
            Place::File(_) => options.max_connections(1).idle_timeout(None).max_lifetime(None),
            Place::Postgres(_) => options.max_connections(4),
        };
        let pool = options.connect(&url).await.map_err(opened)?;
        if matches!(place, Place::File(_)) {
            for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"] {
                sqlx::query(pragma).fetch_all(&pool).await.map_err(opened)?;
            }
        }
        let migrated = migrations().run(&pool).await;
        migrated.map_err(|source| StoreError::Migrate { place: place.clone(), source })?;
        Ok(Self { pool, place, set_aside })
    }

    async fn is_sound(&self) -> bool {
        let checked: Result<Vec<String>, _> = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_all(&self.pool).await;
        checked.is_ok_and(|words| words == ["ok"])
    }

    /// Where a damaged file was put when this was opened, if it was.
    pub fn set_aside(&self) -> Option<&Path> {
        self.set_aside.as_deref()
    }

    /// The journal of this name; one program writes it at a time.
    pub async fn journal(&self, name: &str) -> Result<SqlJournal, JournalError> {
        SqlJournal::open(self.pool.clone(), name).await
    }

    /// What the account of this name spends.
    pub fn spending(&self, account: &str) -> SqlSpending {
        SqlSpending::new(self.pool.clone(), account)
    }

    /// What the account of this name is about to send.
    pub fn outbox(&self, account: &str) -> SqlOutbox {
        SqlOutbox::new(self.pool.clone(), account)
    }

    /// Both of an account.
    pub fn account(&self, name: &str) -> Account {
        Account { spending: Arc::new(self.spending(name)), outbox: Arc::new(self.outbox(name)) }
    }

    /// A candidate for the leadership of this name, among all programs that share this database.
    pub fn leadership(&self, name: &str) -> Leadership {
        Leadership::new(self.place.clone(), self.pool.clone(), name)
    }

    /// Closes all connections; what was written stays.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

impl Place {
    fn url(&self) -> String {
        match self {
            // A path may hold what has a meaning in an address.
            Self::File(file) => {
                let path = file.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
                format!("sqlite://{path}?mode=rwc")
            }
            Self::Postgres(url) => url.to_string(),
        }
    }
}

/// The tables, step by step, each once in a database.
fn migrations() -> Migrator {
    let journals = include_str!("../migrations/1_journals.sql").into_sql_str();
    let spending = include_str!("../migrations/2_spending.sql").into_sql_str();
    let views = include_str!("../migrations/3_views.sql").into_sql_str();
    let outbox = include_str!("../migrations/4_outbox.sql").into_sql_str();
    let migration =
        |number, name: &'static str, sql| Migration::new(number, name.into(), MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![
        migration(1, "journals", journals),
        migration(2, "spending", spending),
        migration(3, "views", views),
        migration(4, "outbox", outbox),
    ])
}

/// Whether SQLite says that a file is damaged, or none of its own.
fn says_damage(error: &StoreError) -> bool {
    let source = match error {
        StoreError::Open { source, .. } | StoreError::Migrate { source: MigrateError::Execute(source), .. } => {
            Some(source)
        }
        _ => None,
    };
    let code = source.and_then(sqlx::Error::as_database_error).and_then(DatabaseError::code);
    // SQLITE_CORRUPT and SQLITE_NOTADB.
    code.is_some_and(|code| ["11", "26"].contains(&&*code))
}

/// Renames a file and what belongs to it, under the first free number.
fn set_aside(file: &Path) -> io::Result<PathBuf> {
    let named = |suffix: &str| {
        let mut name = OsString::from(file);
        name.push(suffix);
        PathBuf::from(name)
    };
    let free = (1..=MOST_DAMAGED).map(|number| named(&format!(".damaged-{number}"))).find(|aside| !aside.exists());
    let aside = free.ok_or_else(|| io::Error::other(format!("{MOST_DAMAGED} damaged ones are there already")))?;
    fs::rename(file, &aside)?;
    for belonging in ["-wal", "-shm"].map(named) {
        if belonging.exists() {
            fs::remove_file(belonging)?;
        }
    }
    Ok(aside)
}
