//! Podman as a service, with a configuration, images and a socket of its own.

use super::*;
use std::{
    os::unix::net::UnixStream,
    process::{Child, Stdio},
};

pub struct Podman {
    folder: tempfile::TempDir,
    service: Child,
    image: String,
}

impl Podman {
    pub fn start() -> Result<Self, String> {
        for needed in ["podman", "runc", "tar"] {
            if !is_there(needed) {
                return Err(format!("there is no {needed}"));
            }
        }
        let busybox = Path::new("/bin/busybox");
        if !busybox.exists() {
            return Err("there is no /bin/busybox".into());
        }
        if !rustix::process::geteuid().is_root() {
            return Err("a control group of its own needs the superuser here".into());
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        // Another runtime may refuse an old kernel, and systemd may not run.
        let containers = "[engine]\nruntime = \"runc\"\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n\
                          [containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=512:512\"]\n";
        fs::write(path("containers.conf"), containers).unwrap();
        let storage = format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{}\"\nrunroot = \"{}\"\n",
            path("images").display(),
            path("run").display()
        );
        fs::write(path("storage.conf"), storage).unwrap();
        fs::create_dir_all(path("root/bin")).unwrap();
        fs::copy(busybox, path("root/bin/busybox")).unwrap();
        let packed = Command::new("tar").arg("-C").arg(path("root")).arg("-cf").arg(path("root.tar")).arg(".").status();
        assert!(packed.unwrap().success());
        let socket = format!("unix://{}", path("socket").display());
        let mut service = command(folder.path());
        service.args(["system", "service", "--time", "0", &socket]).stdout(Stdio::null()).stderr(Stdio::null());
        let service = service.spawn().unwrap();
        let mut podman = Self { folder, service, image: String::new() };
        let import = podman.run(&["import", "--quiet", &podman.folder.path().join("root.tar").to_string_lossy()]);
        import.lines().last().unwrap().clone_into(&mut podman.image);
        let began = Instant::now();
        // Its file alone does not mean that anybody listens.
        while UnixStream::connect(podman.folder.path().join("socket")).is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "the service does not listen");
            assert_eq!(podman.service.try_wait().unwrap(), None, "the service ended");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(podman)
    }

    pub fn address(&self) -> String {
        format!("unix://{}", self.folder.path().join("socket").display())
    }

    pub fn image(&self) -> &str {
        &self.image
    }

    /// Names of all containers.
    pub fn containers(&self) -> String {
        self.run(&["ps", "--all", "--format", "{{.Names}}"])
    }

    /// What a command answers.
    pub fn run(&self, words: &[&str]) -> String {
        let output = command(self.folder.path()).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        if let Err(error) = self.service.kill().and_then(|()| self.service.wait()) {
            eprintln!("the service cannot be ended: {error}");
        }
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("podman");
    // Its monitor leaves a file where it is, when a container is out of memory.
    command.current_dir(folder);
    command.env("CONTAINERS_CONF", folder.join("containers.conf"));
    command.env("CONTAINERS_STORAGE_CONF", folder.join("storage.conf"));
    command
}

fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).exists())
        || Path::new("/usr/sbin").join(program).exists()
}
