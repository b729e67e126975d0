//! What the verbs print.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use job_runtime::{ENGINE_VERSION, MeterId, TARGET};
use jobs::{Bundle, ContentHash, DESCRIPTION_PATH, Description, Entry, Outcome, TreePath, Undescribed, Usage};
use sample_jobs::Sample;
use serde::Serialize;

use crate::{exit::Failure, output::Table};

/// A tree's name.
#[derive(Serialize)]
pub struct Named {
    pub hash: ContentHash,
    pub files: usize,
    /// To be moved, with the manifest.
    pub bytes: u64,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hash.fmt(f)
    }
}

/// A run, with its result in a folder.
#[derive(Serialize)]
pub struct Ran {
    pub job: ContentHash,
    pub meter: MeterId,
    #[serde(flatten)]
    pub outcome: Outcome,
    pub folder: PathBuf,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.job, self.meter, &self.outcome)?;
        write!(f, "folder        {}", self.folder.display())
    }
}

/// What running a job uses, each time.
#[derive(Serialize)]
pub struct Metered {
    pub job: ContentHash,
    pub meter: MeterId,
    /// How often it was run.
    pub runs: u32,
    /// How many of these came to what is told.
    pub agreeing: u32,
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the contract would bill, base units of the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<u128>,
}

impl fmt::Display for Metered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.job, self.meter, &self.outcome)?;
        if let Some(price) = self.price {
            writeln!(f, "price         {price}")?;
        }
        let Self { runs, agreeing, .. } = self;
        if agreeing == runs {
            write!(f, "runs          {runs}, all with this result")
        } else {
            write!(f, "runs          {runs}, {agreeing} of them with this result")
        }
    }
}

fn show(f: &mut fmt::Formatter<'_>, job: ContentHash, meter: MeterId, outcome: &Outcome) -> fmt::Result {
    let Outcome { status, exit_code, usage, result, reason } = outcome;
    let Usage { instructions, memory_bytes, storage_bytes, bandwidth_bytes } = usage;
    writeln!(f, "job           {job}")?;
    write!(f, "status        {status:?}")?;
    match (exit_code, reason) {
        (_, Some(reason)) => writeln!(f, ": {reason}")?,
        (Some(code), None) if *code != 0 => writeln!(f, ", exit code {code}")?,
        _ => writeln!(f)?,
    }
    writeln!(f, "instructions  {instructions}")?;
    writeln!(f, "memory        {memory_bytes} bytes")?;
    writeln!(f, "storage       {storage_bytes} bytes")?;
    writeln!(f, "bandwidth     {bandwidth_bytes} bytes")?;
    writeln!(f, "result        {result}")?;
    writeln!(f, "meter         {meter}")
}

/// What a job is.
#[derive(Serialize)]
pub struct Inspected {
    pub job: ContentHash,
    /// How it is run; of a folder that is no job there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    pub files: Vec<(TreePath, Entry)>,
    /// To be moved, with the manifest.
    pub bytes: u64,
    pub engine: String,
    pub meter: MeterId,
}

impl Inspected {
    pub fn of(bundle: &Bundle) -> Result<Self, Failure> {
        let tree = bundle.tree();
        let description = match bundle.description()? {
            Ok(description) => Some(description),
            Err(Undescribed::Missing) => None,
            Err(error) => return Err(Failure::Usage(error.to_string())),
        };
        let meter = super::meter_of(bundle)?;
        Ok(Self {
            job: tree.hash(),
            description,
            files: tree.entries().map(|(path, entry)| (path.clone(), *entry)).collect(),
            bytes: tree.transfer_bytes(),
            engine: if meter == job_container::meter_id() {
                "Docker or Podman, measured".to_owned()
            } else {
                format!("wasmtime {ENGINE_VERSION} on {TARGET}")
            },
            meter,
        })
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "job      {}", self.job)?;
        match &self.description {
            Some(Description::Wasm { module, arguments }) => writeln!(f, "runs     {module} {}", arguments.join(" "))?,
            Some(Description::Container { image, command }) => {
                writeln!(f, "runs     {} in {image}", command.join(" "))?;
            }
            None => writeln!(f, "runs     nothing: there is no {DESCRIPTION_PATH}")?,
        }
        writeln!(f, "to move  {} bytes", self.bytes)?;
        writeln!(f, "engine   {}", self.engine)?;
        writeln!(f, "meter    {}", self.meter)?;
        let mut table = Table::new(&["file", "bytes", "sha256"]);
        for (path, entry) in &self.files {
            let hash: String = entry.hash.to_string().chars().take(16).collect();
            table.row([path.to_string(), entry.size.to_string(), hash]);
        }
        table.fmt(f)
    }
}

/// Samples as folders.
#[derive(Serialize)]
pub struct Samples {
    pub samples: Vec<Written>,
}

/// A sample as a folder.
#[derive(Serialize)]
pub struct Written {
    pub folder: PathBuf,
    pub about: &'static str,
}

impl Samples {
    pub fn of(samples: &[Sample], out: &Path) -> Self {
        let written = samples.iter().map(|sample| Written { folder: out.join(sample.name), about: sample.about });
        Self { samples: written.collect() }
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.samples.iter().try_for_each(|Written { folder, about }| writeln!(f, "{}: {about}", folder.display()))
    }
}
