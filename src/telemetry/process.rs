//! The process's memory and the limit that it is held to.

use std::fs;
use std::path::{Path, PathBuf};

/// A v1 limit from here on is none: the kernel shows the largest number of pages there.
const V1_NONE: f64 = (1u64 << 60) as f64;

/// Resident memory of this process in bytes; `None` where there is no `/proc`.
pub(super) fn resident_bytes() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}

/// Bytes that this process and those of its control group may have; `None` without a limit. Looked up at each
/// call, for a limit can be changed under way.
pub(super) fn memory_limit() -> Option<f64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    limit(&groups, Path::new("/sys/fs/cgroup"))
}

/// The lowest limit of the control group and those above it. `groups` is `/proc/self/cgroup`: a line
/// `0::/path` for version 2, and `number:controllers:/path` for version 1.
fn limit(groups: &str, root: &Path) -> Option<f64> {
    let path_of = |controller: &str| {
        groups.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            let (controllers, path) = (parts.next()?, parts.next()?);
            controllers.split(',').any(|name| name == controller).then(|| path.trim_start_matches('/'))
        })
    };
    let v2 = path_of("").and_then(|path| lowest(root, path, "memory.max"));
    let v1 = path_of("memory").and_then(|path| lowest(&root.join("memory"), path, "memory.limit_in_bytes"));
    v2.into_iter().chain(v1.filter(|bytes| *bytes < V1_NONE)).reduce(f64::min)
}

/// The lowest number in the files of this name, from `root/path` up to `root`. In a container the path may be one that
/// only the host has: then the root is the container's own.
fn lowest(root: &Path, path: &str, file: &str) -> Option<f64> {
    let mut folder: PathBuf = root.join(path);
    let mut lowest: Option<f64> = None;
    loop {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        // `max` is no number: no limit here.
        if let Ok(bytes) = text.trim().parse::<f64>() {
            lowest = Some(lowest.map_or(bytes, |so_far| so_far.min(bytes)));
        }
        if folder == root || !folder.pop() {
            return lowest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_limit_on_the_way_up_holds() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("slice/unit/memory.max", "max\n");
        write("slice/memory.max", "2000\n");
        write("memory/docker/x/memory.limit_in_bytes", "9223372036854771712\n");
        assert_eq!(limit("0::/slice/unit\n", dir.path()), Some(2000.0));
        assert_eq!(limit("0::/\n", dir.path()), None);
        assert_eq!(limit("4:memory:/docker/x\n1:name=systemd:/\n", dir.path()), None, "the largest is none");
        write("memory/memory.limit_in_bytes", "5000\n");
        assert_eq!(limit("4:cpu,memory:/not/here\n", dir.path()), Some(5000.0), "a container's own root");
        assert_eq!(limit("", dir.path()), None);
    }

    #[test]
    fn this_process_has_memory() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 1e6));
    }
}
