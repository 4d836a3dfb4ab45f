import ArgumentParser
import Broker
import Certificates
import Glibc
import Timeline

/// The flags of `serve` about TLS.
struct CertificateOptions: ParsableArguments {
    /// What the TLS doors use.
    struct Prepared {
        let files: BrokerConfiguration.TLSFiles
        /// What clients are told to trust.
        let authorityPath: String
        /// Whether nobody can have trusted it before.
        let isNew: Bool
    }

    @Option(
        name: [.customLong("cert"), .customLong("certificate")],
        help: ArgumentHelp("Own PEM certificate (chain) for the TLS doors, with --key.", valueName: "file"))
    var certificate: String?

    @Option(name: [.customLong("key"), .customLong("private-key")], help: ArgumentHelp("PEM private key of --cert.", valueName: "file"))
    var key: String?

    @Option(
        help: ArgumentHelp(
            "Further name or address for the certificate and for /_sundial/; may be given more than once.", valueName: "name"))
    var hostAlias: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where the local CA and its certificates are kept. Default: sundial/certificates in the user's data folder.",
            valueName: "folder"))
    var dataFolder: String?

    func validate() throws {
        guard (self.certificate == nil) == (self.key == nil) else {
            throw ValidationError("--cert and --key go together; give both or neither.")
        }
        for alias in self.hostAlias {
            do {
                _ = try AlternativeName(parsing: alias)
            } catch {
                throw ValidationError("--host-alias: \(error.text).")
            }
        }
    }

    /// Makes, renews or checks certificates; `nil` when no door needs them.
    func prepare(for doors: DoorOptions, now: WallTime) throws(Complaint) -> Prepared? {
        guard doors.usesTLS else { return nil }
        do {
            if let certificate, let key {
                try LocalCertificates.checkPair(certificatePath: certificate, keyPath: key, now: now)
                return Prepared(
                    files: .init(certificatePath: certificate, keyPath: key), authorityPath: Self.absolute(certificate), isNew: false)
            }
            let local = try LocalCertificates.prepare(in: try self.folder(), aliases: self.hostAlias, now: now)
            return Prepared(
                files: .init(certificatePath: local.certificatePath, keyPath: local.keyPath),
                authorityPath: Self.absolute(local.authorityPath),
                isNew: local.happened == .madeAuthority)
        } catch let error as CertificateError {
            throw Complaint(error.text, .badArguments)
        } catch let complaint as Complaint {
            throw complaint
        } catch {
            throw Complaint("\(error)")
        }
    }

    private func folder() throws(Complaint) -> String {
        if let dataFolder { return dataFolder }
        guard let folder = Self.defaultFolder() else {
            throw Complaint("there is no home folder for the certificates (HOME is not set); pass --data-folder FOLDER", .badArguments)
        }
        return folder
    }

    /// The CA of this user's Sundial; `nil` before its first start.
    static func localAuthorityPath() -> String? {
        guard let folder = Self.defaultFolder() else { return nil }
        let path = "\(folder)/ca.pem"
        return access(path, R_OK) == 0 ? path : nil
    }

    private static func defaultFolder() -> String? {
        let environment = ["XDG_DATA_HOME", "HOME"].reduce(into: [String: String]()) { values, name in
            if let value = getenv(name) { values[name] = String(cString: value) }
        }
        return LocalCertificates.defaultFolder(environment: environment)
    }

    /// For a reader with another working folder.
    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}
