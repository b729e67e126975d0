//! Docker's or Podman's engine on this machine.

use std::{
    collections::HashMap,
    env, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bollard::{
    API_DEFAULT_VERSION, Docker,
    container::LogOutput,
    errors::Error,
    models::{ContainerCreateBody, HostConfig, HostConfigLogConfig, ResourcesUlimits},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, ListContainersOptionsBuilder,
        RemoveContainerOptionsBuilder, WaitContainerOptions,
    },
};
use futures_util::StreamExt;
use jobs::{Limits, Status};
use thiserror::Error;

use crate::{
    cgroup::{Group, Reading},
    machine::{INPUT, OUTPUT},
    output::{Prints, bytes_below},
};

/// For one answer of the engine, seconds.
const TIMEOUT_SECONDS: u64 = 60;
/// How long an engine may take to note that a container has ended.
const END: Duration = Duration::from_secs(10);
/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// At how many looks the files that it writes are looked at once.
const LOOKS_A_WALK: u32 = 10;
/// The most processes and threads of a job.
const MOST_PROCESSES: i64 = 256;
/// The most open files of a process.
const MOST_FILES: i64 = 1_024;
/// Jobs of one machine share a user, whose processes are counted together.
const MOST_JOBS: i64 = 4;
/// What a container takes to begin, bytes; engines take no lower limit.
const LEAST_MEMORY_BYTES: u64 = 6 << 20;
/// By what containers of this program are told from others.
const LABEL: &str = "entente.job";

/// An engine that answers.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
}

/// Why an engine does not do what it must.
#[derive(Debug, Error)]
pub enum EngineError {
    /// There is none.
    #[error("there is no engine: none of {} exists, and DOCKER_HOST names none", .0.join(", "))]
    None(Vec<String>),
    /// It is not on this machine.
    #[error("{0} is no socket of this machine; an engine is named as unix:///run/podman/podman.sock")]
    Remote(String),
    /// It says so.
    #[error(transparent)]
    Engine(#[from] Error),
    /// What it runs cannot be looked at, or kept.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A wait ended without an answer.
    #[error("the engine does not say how the container ended")]
    Silent,
}

/// What is run.
#[derive(Debug)]
pub struct Run<'a> {
    /// Of the container, and of its control group.
    pub name: &'a str,
    pub image: &'a str,
    pub command: &'a [String],
    /// Folders of this machine.
    pub input: &'a Path,
    pub output: &'a Path,
    /// Of the user and group whose processes it has.
    pub user: String,
    pub limits: &'a Limits,
    pub patience: Duration,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exited(i64),
    /// It exceeded a limit.
    Exceeded(Status),
    /// It took too long here.
    TooSlow,
}

impl Engine {
    /// The engine at an address like `unix:///run/podman/podman.sock`; otherwise the one that `DOCKER_HOST` names, or the
    /// first whose socket is in its usual place: Podman's, that of the user's own Podman, Docker's.
    pub async fn connect(address: Option<&str>) -> Result<Self, EngineError> {
        let named = address.map(str::to_owned).or_else(|| env::var("DOCKER_HOST").ok());
        let path = match named {
            Some(address) => {
                PathBuf::from(address.strip_prefix("unix://").ok_or(EngineError::Remote(address.clone()))?)
            }
            None => usual()?,
        };
        let docker = Docker::connect_with_unix(&path.to_string_lossy(), TIMEOUT_SECONDS, API_DEFAULT_VERSION)?;
        Ok(Self { docker: docker.negotiate_version().await? })
    }

    /// Whether it has an image, by its id.
    pub async fn has(&self, image: &str) -> Result<bool, EngineError> {
        match self.docker.inspect_image(image).await {
            Ok(_) => Ok(true),
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Names of this program's containers, running or not.
    pub async fn names(&self) -> Result<Vec<String>, EngineError> {
        let filters = HashMap::from([("label", vec![LABEL])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let found = self.docker.list_containers(Some(options)).await?;
        let names = found.into_iter().flat_map(|container| container.names.unwrap_or_default());
        Ok(names.map(|name| name.trim_start_matches('/').to_owned()).collect())
    }

    /// Ends and removes a container; one that is not there is fine.
    pub async fn remove(&self, name: &str) -> Result<(), EngineError> {
        let give_up = Instant::now() + END;
        loop {
            let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
            match self.docker.remove_container(name, Some(options)).await {
                Ok(()) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
                // One that ends in this moment is neither running nor ended for a while, and is refused as that.
                Err(Error::DockerResponseServerError { status_code: 409 | 500, .. }) if Instant::now() < give_up => {
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Runs a container until it ends or must end, and removes it, which ends it; what it used is in `reading`, whatever comes out.
    pub async fn run(
        &self,
        run: &Run<'_>,
        group: &Group,
        prints: &mut Prints,
        reading: &mut Reading,
    ) -> Result<End, EngineError> {
        if run.limits.memory_bytes < LEAST_MEMORY_BYTES {
            return Ok(End::Exceeded(Status::MemoryExceeded));
        }
        let options = CreateContainerOptionsBuilder::default().name(run.name).build();
        let ended = match self.docker.create_container(Some(options), body(run, group)).await {
            Ok(created) => self.watch(&created.id, run, group, prints, reading).await,
            Err(error) => Err(error.into()),
        };
        let removed = self.remove(run.name).await;
        let ended = ended?;
        removed?;
        Ok(ended)
    }

    async fn watch(
        &self,
        id: &str,
        run: &Run<'_>,
        group: &Group,
        prints: &mut Prints,
        reading: &mut Reading,
    ) -> Result<End, EngineError> {
        let attach = AttachContainerOptionsBuilder::default().stream(true).stdout(true).stderr(true).build();
        let mut printed = self.docker.attach_container(id, Some(attach)).await?.output.fuse();
        self.docker.start_container(id, None).await?;
        let mut exit = self.docker.wait_container(id, None::<WaitContainerOptions>).boxed();
        let began = Instant::now();
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut walk_in = LOOKS_A_WALK;
        loop {
            tokio::select! {
                biased;
                ended = exit.next() => {
                    let code = exit_code(ended.ok_or(EngineError::Silent)?)?;
                    let all_kept = keep_rest(&mut printed, prints).await?;
                    look(group, id, reading)?;
                    return Ok(match () {
                        () if reading.is_out_of_memory => End::Exceeded(Status::MemoryExceeded),
                        () if !all_kept => End::Exceeded(Status::StorageExceeded),
                        () => End::Exited(code),
                    });
                }
                Some(output) = printed.next() => {
                    if !keep(output?, prints)? {
                        return Ok(End::Exceeded(Status::StorageExceeded));
                    }
                }
                _ = looks.tick() => {
                    look(group, id, reading)?;
                    if reading.is_out_of_memory {
                        return Ok(End::Exceeded(Status::MemoryExceeded));
                    }
                    if reading.cpu_ns > run.limits.instructions {
                        return Ok(End::Exceeded(Status::InstructionsExceeded));
                    }
                    walk_in -= 1;
                    if walk_in == 0 {
                        walk_in = LOOKS_A_WALK;
                        if bytes_below(run.output)?.saturating_add(prints.bytes()) > run.limits.storage_bytes {
                            return Ok(End::Exceeded(Status::StorageExceeded));
                        }
                    }
                    if began.elapsed() > run.patience {
                        return Ok(End::TooSlow);
                    }
                }
            }
        }
    }
}

/// Peaks stay, and what is counted does not go back when the container's own group is gone.
fn look(group: &Group, id: &str, reading: &mut Reading) -> io::Result<()> {
    let now = group.read(id)?;
    *reading = Reading {
        cpu_ns: now.cpu_ns.max(reading.cpu_ns),
        memory_bytes: now.memory_bytes.max(reading.memory_bytes),
        is_out_of_memory: now.is_out_of_memory || reading.is_out_of_memory,
    };
    Ok(())
}

fn exit_code(ended: Result<bollard::models::ContainerWaitResponse, Error>) -> Result<i64, EngineError> {
    match ended {
        Ok(response) => Ok(response.status_code),
        Err(Error::DockerContainerWaitError { code, .. }) => Ok(code),
        Err(error) => Err(error.into()),
    }
}

fn keep(output: LogOutput, prints: &mut Prints) -> io::Result<bool> {
    let is_error = matches!(output, LogOutput::StdErr { .. });
    prints.add(is_error, &output.into_bytes())
}

/// What was printed before the end and has not come yet.
async fn keep_rest(
    printed: &mut (impl StreamExt<Item = Result<LogOutput, Error>> + Unpin),
    prints: &mut Prints,
) -> Result<bool, EngineError> {
    while let Some(output) = printed.next().await {
        if !keep(output?, prints)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn body(run: &Run<'_>, group: &Group) -> ContainerCreateBody {
    let limit = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let ulimit = |name: &str, at_most: i64| ResourcesUlimits {
        name: Some(name.to_owned()),
        soft: Some(at_most),
        hard: Some(at_most),
    };
    let (input, output) = (run.input.display(), run.output.display());
    let host = HostConfig {
        binds: Some(vec![format!("{input}:{INPUT}:ro"), format!("{output}:{OUTPUT}:rw")]),
        network_mode: Some("none".into()),
        memory: Some(limit(run.limits.memory_bytes)),
        // No swap: what is beyond memory is beyond the limit.
        memory_swap: Some(limit(run.limits.memory_bytes)),
        // Its processes wait until they are ended, so that the end has one reason.
        oom_kill_disable: group.can_pause().then_some(true),
        nano_cpus: Some(1_000_000_000),
        pids_limit: Some(MOST_PROCESSES),
        ulimits: Some(vec![
            // One more than it may write, so that who wants more can be told from who writes just as much.
            ulimit("fsize", limit(run.limits.storage_bytes).saturating_add(1)),
            ulimit("core", 0),
            // Said here, since what engines give otherwise may be more than they may give.
            ulimit("nofile", MOST_FILES),
            ulimit("nproc", MOST_PROCESSES * MOST_JOBS),
        ]),
        cap_drop: Some(vec!["ALL".into()]),
        security_opt: Some(vec!["no-new-privileges".into()]),
        readonly_rootfs: Some(true),
        cgroup_parent: Some(group.parent()),
        log_config: Some(HostConfigLogConfig { typ: Some("none".into()), config: None }),
        ..HostConfig::default()
    };
    ContainerCreateBody {
        image: Some(run.image.to_owned()),
        entrypoint: Some(Vec::new()),
        cmd: Some(run.command.to_vec()),
        user: Some(run.user.clone()),
        working_dir: Some("/".into()),
        hostname: Some("job".into()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        network_disabled: Some(true),
        labels: Some(HashMap::from([(LABEL.to_owned(), String::new())])),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

fn usual() -> Result<PathBuf, EngineError> {
    let own = env::var("XDG_RUNTIME_DIR").ok().map(|folder| format!("{folder}/podman/podman.sock"));
    let places: Vec<String> =
        [Some("/run/podman/podman.sock".to_owned()), own, Some("/var/run/docker.sock".to_owned())]
            .into_iter()
            .flatten()
            .collect();
    let found = places.iter().find(|place| Path::new(place).exists());
    found.map(PathBuf::from).ok_or(EngineError::None(places.clone()))
}
