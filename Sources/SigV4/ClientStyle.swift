/// The ways in which known clients presign the URL of the MQTT endpoint. Source: `sigv4-websocket.md` §3.
package enum ClientStyle: String, Sendable, CaseIterable {
    /// aws-iot-device-sdk-js v1.
    case javaScriptV1 = "js-v1"
    /// aws-iot-device-sdk-python v1.
    case pythonV1 = "python-v1"
    /// The AWS CRT since July 2022 (SDKs v2 for Python, Node, Java, C++, Swift): signs the `Connection` header too.
    case crtNative = "crt"
    /// The AWS CRT before July 2022.
    case crtNativeBefore2022 = "crt-2021"
    /// aws-crt-nodejs in a browser: drops the port.
    case crtBrowser = "crt-browser"
    /// Amplify PubSub v6.
    case amplify = "amplify"
    /// aws4fetch.
    case aws4fetch = "aws4fetch"
    /// The `SigV4Utils` snippet of AWS's old examples, with Paho.
    case sigV4Utils = "sigv4utils"
    /// aws-signature-v4 from npm, and kmamykin/aws-mqtt.
    case npmSigner = "aws-signature-v4"
    /// botocore's `SigV4QueryAuth` used by hand; its token is signed, which AWS refuses on `/mqtt`.
    case botocore = "botocore"

    /// How this client goes about it.
    package var options: PresignOptions {
        var options = PresignOptions()
        switch self {
        case .javaScriptV1: options.signedHost = .portUnless443
        case .pythonV1:
            options.service = "iotdata"
            options.order = .expiresBeforeSignedHeaders
            options.expiresSeconds = 86_400
            options.signedHost = .withoutPort
            options.urlHost = .alwaysWithPort
            options.keepsSlashInToken = true
        case .crtNative, .crtNativeBefore2022:
            options.order = .expiresAfterSignedHeaders
            options.signedHost = .withoutPort
            options.token = .unsignedBeforeSignature
            options.signsConnection = self == .crtNative
        case .crtBrowser:
            options.signedHost = .withoutPort
            options.urlHost = .withoutPort
        case .amplify: break
        case .aws4fetch: options.order = .dateFirst
        case .sigV4Utils: options.signedHost = .withoutPort
        case .npmSigner:
            options.order = .expiresBeforeSignedHeaders
            options.expiresSeconds = 86_400
        case .botocore:
            options.order = .expiresBeforeSignedHeaders
            options.expiresSeconds = 3600
            options.token = .signed
        }
        return options
    }
}

/// Where clients of one kind differ from another when they presign.
package struct PresignOptions: Sendable, Equatable {
    /// The order of the parameters in the URL; the signature does not depend on it.
    package enum Order: Sendable, Equatable {
        /// Algorithm, Credential, Date, [Expires], SignedHeaders.
        case expiresBeforeSignedHeaders
        /// Algorithm, Credential, Date, SignedHeaders, [Expires].
        case expiresAfterSignedHeaders
        /// Date, [Expires], Algorithm, Credential, SignedHeaders.
        case dateFirst
    }

    /// Which form of the host is used.
    package enum HostForm: Sendable, Equatable {
        /// With the port unless it is the scheme's own; as browsers write it.
        case portUnlessDefault
        /// With the port unless it is 443, whatever the scheme.
        case portUnless443
        case withoutPort
        case alwaysWithPort
    }

    /// What becomes of the session token. Source: `sigv4-websocket.md` §4.
    package enum TokenPlacement: Sendable, Equatable {
        /// Outside the signature and last in the URL: what AWS IoT wants.
        case unsignedAfterSignature
        /// Outside the signature, written before `X-Amz-Signature`.
        case unsignedBeforeSignature
        /// Part of the signature: right everywhere but on `/mqtt`.
        case signed
        case omitted
    }

    package var service = "iotdevicegateway"
    package var order = Order.expiresBeforeSignedHeaders
    /// `X-Amz-Expires`; nil leaves it out. AWS IoT ignores it.
    package var expiresSeconds: Int?
    package var signedHost = HostForm.portUnlessDefault
    package var urlHost = HostForm.portUnlessDefault
    package var token = TokenPlacement.unsignedAfterSignature
    /// Whether a `/` in the token stays as it is.
    package var keepsSlashInToken = false
    /// Whether `Connection: Upgrade` is signed, which the client must then send exactly so.
    package var signsConnection = false
    /// Further query parameters, decoded; signed, and first in the URL.
    package var extraParameters: [(name: String, value: String)] = []

    /// What AWS IoT wants and most clients do.
    package init() {}

    package static func == (left: PresignOptions, right: PresignOptions) -> Bool {
        left.service == right.service && left.order == right.order && left.expiresSeconds == right.expiresSeconds
            && left.signedHost == right.signedHost && left.urlHost == right.urlHost && left.token == right.token
            && left.keepsSlashInToken == right.keepsSlashInToken && left.signsConnection == right.signsConnection
            && left.extraParameters.elementsEqual(right.extraParameters) { $0.name == $1.name && $0.value == $1.value }
    }
}
