import ArgumentParser
import SigV4

/// The keys that requests are signed with.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Access key id. Default: test.", valueName: "id"))
    var key: String?

    @Option(help: ArgumentHelp("Secret access key. Default: test.", valueName: "secret"))
    var secret: String?

    @Option(help: ArgumentHelp("Session token of temporary credentials.", valueName: "token"))
    var token: String?

    @Option(help: ArgumentHelp("AWS-style credentials file, in place of --key, --secret and --token.", valueName: "file"))
    var credentials: String?

    @Option(help: ArgumentHelp("Section of the credentials file. Default: default, else the first.", valueName: "name"))
    var profile: String?

    @Option(help: ArgumentHelp("Region of the signature.", valueName: "name"))
    var region = Announcement.defaultRegion

    func validate() throws {
        if self.credentials != nil, self.key != nil || self.secret != nil || self.token != nil {
            throw ValidationError("--credentials stands in place of --key, --secret and --token; give one or the other.")
        }
        if self.profile != nil, self.credentials == nil {
            throw ValidationError("--profile names a section of a file; give it with --credentials FILE.")
        }
        if self.key != nil, self.secret == nil { throw ValidationError("--key needs its --secret.") }
        let given = [
            ("--key", self.key), ("--secret", self.secret), ("--token", self.token), ("--region", self.region),
        ]
        if let empty = given.first(where: { $0.1?.isEmpty == true }) {
            throw ValidationError("\(empty.0) is empty; give it a value or leave it out.")
        }
        if self.region.contains("/") { throw ValidationError("A region has no '/' in its name.") }
    }

    func resolved() throws(Complaint) -> Credentials {
        if let credentials {
            return try CredentialsFile(reading: credentials).credentials(named: self.profile, path: credentials)
        }
        return Credentials(
            accessKeyID: self.key ?? Credentials.local.accessKeyID, secretAccessKey: self.secret ?? Credentials.local.secretAccessKey,
            sessionToken: self.token)
    }
}
