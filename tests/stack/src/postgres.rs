//! A real PostgreSQL, to stand behind the endpoint of an instance of RDS or a pod.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::child::{Child, Spawn};
use crate::pki;
use crate::port::free_port;
use crate::tools::servers;
use crate::wait::{PATIENCE, eventually};

const ADMIN: &str = "stack";
/// `nobody`: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65534;

/// A PostgreSQL server on loopback, with TLS for whoever asks for it.
pub struct Postgres {
    port: u16,
    folder: PathBuf,
    password: String,
    _server: Child,
}

impl Postgres {
    /// Starts an empty server whose data lies in a new folder `postgres-<port>`, and waits until it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let port = free_port()?;
        let folder = std::path::absolute(folder)?.join(format!("postgres-{port}"));
        std::fs::create_dir_all(&folder)?;
        pki::write(&folder)?;
        let password = uuid::Uuid::new_v4().to_string();
        std::fs::write(folder.join("password"), &password)?;
        give_away(&folder)?;
        let mut init = spawn("initdb", &folder)?
            .args([
                "--pgdata=data",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
            .args(["--pwfile=password".to_owned(), format!("--username={ADMIN}")])
            .start()?;
        init.until_ended().await?;
        let mut server = spawn("postgres", &folder)?.args(["-D", "data", "-p", &port.to_string()]);
        for setting in SETTINGS {
            server = server.args(["-c", setting]);
        }
        let mut server = server.start()?;
        server.until_listening(port).await?;
        let postgres = Self { port, folder, password, _server: server };
        // It listens before it lets anybody in.
        let answers = async || Ok(postgres.ask(postgres.admin(), "require", "select 1").await.ok());
        eventually("PostgreSQL answers", PATIENCE, answers).await?;
        Ok(postgres)
    }

    fn admin(&self) -> Login<'_> {
        Login { user: ADMIN, password: &self.password, database: "postgres" }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of the authority that has signed its own.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// Makes a user who may make roles and databases, as RDS makes the master user; or changes the password.
    pub async fn admit(&self, user: &str, password: &str) -> anyhow::Result<()> {
        let mut psql = self.psql(self.admin(), "require")?;
        psql.env("NEW_USER", user).env("NEW_PASSWORD", password);
        run(psql, ADMIT).await.map(drop)
    }

    /// Makes a database of a user, or gives them one that is there.
    pub async fn make_database(&self, name: &str, owner: &str) -> anyhow::Result<()> {
        let mut psql = self.psql(self.admin(), "require")?;
        psql.env("NEW_DATABASE", name).env("NEW_USER", owner);
        run(psql, MAKE_DATABASE).await.map(drop)
    }

    /// Logs in as a client does, with an `sslmode` of libpq, and runs a statement. Returns its rows, or fails with
    /// what the server said. `verify-full` trusts the server's own authority.
    pub async fn ask(
        &self,
        login: Login<'_>,
        sslmode: &str,
        statement: &str,
    ) -> anyhow::Result<String> {
        run(self.psql(login, sslmode)?, statement).await
    }

    fn psql(&self, login: Login<'_>, sslmode: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(servers()?.join("bin/psql"));
        let settings = ["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--quiet"];
        command.args(settings).args(["--set", "ON_ERROR_STOP=1"]);
        command.env_clear().env("LD_LIBRARY_PATH", servers()?.join("lib"));
        command
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.port.to_string())
            .env("PGSSLMODE", sslmode);
        command.env("PGUSER", login.user).env("PGPASSWORD", login.password);
        command
            .env("PGDATABASE", login.database)
            .env("PGSSLROOTCERT", self.ca())
            .env("HOME", &self.folder);
        Ok(command)
    }
}

/// Whom a client says that it is.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// Role.
    pub user: &'a str,
    /// Its password.
    pub password: &'a str,
    /// Database that it uses.
    pub database: &'a str,
}

const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "ssl=on",
    "ssl_cert_file=../server.crt",
    "ssl_key_file=../server.key",
    "fsync=off",
    "jit=off",
];

const ADMIT: &str = r"
\getenv name NEW_USER
\getenv password NEW_PASSWORD
select format('%s role %I login createdb createrole password %L',
    case when exists (select from pg_roles where rolname = :'name') then 'alter' else 'create' end,
    :'name', :'password') \gexec
";

const MAKE_DATABASE: &str = r#"
\getenv name NEW_DATABASE
\getenv owner NEW_USER
select format('create database %I', :'name')
    where not exists (select from pg_database where datname = :'name') \gexec
alter database :"name" owner to :"owner";
"#;

async fn run(mut command: Command, script: &str) -> anyhow::Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut process = command.spawn().context("failed to run psql")?;
    let mut input = process.stdin.take().context("psql reads what it is told")?;
    // It may have refused before it reads.
    let _ = input.write_all(script.as_bytes()).await;
    drop(input);
    let output = process.wait_with_output().await?;
    let errors = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "psql: {}", errors.trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A program of PostgreSQL, as somebody who is not root.
fn spawn(program: &str, folder: &Path) -> anyhow::Result<Spawn> {
    // It looks for its siblings beside itself, not beside a link.
    let path = servers()?.join("bin").join(program).canonicalize()?;
    let library = servers()?.join("lib");
    let spawn = if is_root()? {
        let ids = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
        // The folder, or the program, may lie where only root can look.
        let sight = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
        // The wish to end with the parent does not outlast another user.
        let rest = ["--clear-groups", "--pdeathsig", "KILL"].map(str::to_owned);
        Spawn::new(program, "setpriv", folder)
            .args(ids)
            .args(sight)
            .args(rest)
            .arg(path.to_string_lossy())
    } else {
        Spawn::new(program, path, folder)
    };
    Ok(spawn.env("LD_LIBRARY_PATH", library.to_string_lossy()))
}

/// Leaves the folder to whom the server runs as; a key that others can read is refused.
fn give_away(folder: &Path) -> anyhow::Result<()> {
    let key = folder.join("server.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600))?;
    if is_root()? {
        for path in [folder, &key] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY))?;
        }
    }
    Ok(())
}

fn is_root() -> anyhow::Result<bool> {
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}
