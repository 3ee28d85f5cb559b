//! Fetching one file: over HTTP, checked against its SHA-256, written beside and renamed.

use crate::registry::DataFile;
use rhyton_base::{Error, Result};
use std::path::Path;

/// Fetches `file` from `url` to `target`, whose folder is made. A failure leaves `target` as it was.
#[cfg(all(feature = "download", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn fetch(url: &str, file: &DataFile, target: &Path) -> Result<()> {
    online::fetch(url, file, target)
}

/// This build cannot.
#[cfg(not(all(feature = "download", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) fn fetch(_: &str, _: &DataFile, _: &Path) -> Result<()> {
    let why =
        if cfg!(feature = "download") { "for this processor" } else { "without the feature `download`" };
    Err(Error::unsupported(format!("not tried, since this program was built {why}")))
}

#[cfg(all(feature = "download", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod online {
    use super::*;
    use crate::progress::Progress;
    use graviola::hashing::{Hash, HashContext, Sha256};
    use std::io::{Read, Write};
    use std::sync::Arc;
    use std::time::Duration;
    use ureq::Agent;
    use ureq::tls::TlsConfig;

    /// Finding the server; together with `CONNECT`, what a machine without a network waits.
    const RESOLVE: Duration = Duration::from_secs(3);
    const CONNECT: Duration = Duration::from_secs(5);
    /// The server's answer, and every piece of the file.
    const SILENCE: Duration = Duration::from_secs(10);

    pub(super) fn fetch(url: &str, file: &DataFile, target: &Path) -> Result<()> {
        // The cryptography panics where it cannot run.
        if !graviola::util::is_cpu_supported() {
            return Err(Error::unsupported(
                "not tried, since this processor lacks instructions for AES and wide vectors that encrypted \
                 connections are made with here",
            ));
        }
        let response = agent(url).get(url).call().map_err(explain)?;
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(|e| {
                Error::io(format!("folder {:?} cannot be made: {e}", folder.display().to_string()))
            })?;
        }
        // One byte more than expected shows a file that is too long.
        let mut body = response.into_body().into_reader().take(file.bytes + 1);
        rhyton_io::write_atomic(target, |out| {
            let progress = Progress::start(file.name, url, file.bytes);
            copy_checked(&mut body, out, file, &progress)?;
            progress.finish();
            Ok(())
        })
    }

    fn copy_checked(
        body: &mut dyn Read,
        out: &mut dyn Write,
        file: &DataFile,
        progress: &Progress,
    ) -> Result<()> {
        let mut hash = Sha256::new();
        let mut received = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = body.read(&mut buffer).map_err(|e| {
                Error::io(format!("the connection broke after {received} of {} bytes: {e}", file.bytes))
            })?;
            if n == 0 {
                break;
            }
            received += n as u64;
            hash.update(&buffer[..n]);
            out.write_all(&buffer[..n])?;
            progress.advance(n);
        }
        if received != file.bytes {
            let more = if received > file.bytes { "more" } else { &format!("{received}") };
            return Err(Error::format(format!(
                "expected {} bytes, received {more}; nothing was kept",
                file.bytes
            )));
        }
        let digest: String = hash.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect();
        if digest != file.sha256 {
            return Err(Error::format(format!(
                "expected SHA-256 {}, received {digest}; nothing was kept, a proxy may have answered in its place",
                file.sha256
            )));
        }
        Ok(())
    }

    fn agent(url: &str) -> Agent {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls_graviola::default_provider()))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("rhyton/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(RESOLVE))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE));
        // A machine needs no proxy to reach itself.
        let config = if url.contains("://127.0.0.1:") { config.proxy(None) } else { config };
        config.build().into()
    }

    fn explain(e: ureq::Error) -> Error {
        Error::io(match e {
            ureq::Error::StatusCode(404) => "the server has no such file (404)".to_string(),
            ureq::Error::StatusCode(code) => format!("the server refused with status {code}"),
            ureq::Error::HostNotFound => "the server's name was not found; is there a network?".to_string(),
            ureq::Error::Timeout(phase) => format!("no answer in time ({phase}); is there a network?"),
            // Certificates and the like; a network is there.
            ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::InvalidData => e.to_string(),
            ureq::Error::Io(e) => format!("{e}; is there a network?"),
            other => other.to_string(),
        })
    }
}
