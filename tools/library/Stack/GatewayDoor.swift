import Console
import FoundationEssentials
import MeshContract
import ServiceKit
import TLS

/// How the gateway of a stack on this machine is spoken to: in the open, or over TLS.
///
/// Over TLS its own certificate is what is trusted, and nothing else: it is verified as any other, also
/// where nobody but this machine has vouched for it.
struct GatewayDoor: Sendable, Equatable {
    /// The gateway's PEM file; nil in the open.
    var certificate: String?
    /// What the certificate is for, and leads to this machine.
    var host = "127.0.0.1"

    static let open = GatewayDoor()

    func address(_ port: Int) -> String {
        "\(certificate == nil ? "http" : "https")://\(host):\(port)"
    }

    /// Where a gateway says by which certificate it speaks; empty in the open.
    static func file(in folder: String) -> String { "\(folder)/run/gateway.tls" }

    /// What a running gateway says counts; before it does, its settings.
    init(
        data: DataFolder, environment: [String: String], isRunning: Bool
    ) throws(Refusal) {
        let settings: Settings
        do {
            settings = try Settings.load(service: "gateway", data: data, environment: environment)
        } catch {
            throw Refusal(error)
        }
        let said = isRunning ? try? Data(contentsOf: URL(filePath: Self.file(in: data.path))) : nil
        let file =
            said.map { String(decoding: $0, as: UTF8.self) }
            ?? settings.text("ATELIER_TLS_CERTIFICATE") ?? ""
        guard !file.isEmpty else { return }
        certificate = file
        host = try Self.host(of: file, publicURL: settings.text("ATELIER_PUBLIC_URL"))
    }

    private init() {}

    /// A name that the certificate has: verifying it must not need a name that leads elsewhere.
    private static func host(of file: String, publicURL: String?) throws(Refusal) -> String {
        let name = publicURL.flatMap { URL(string: $0)?.host() }
        for host in ["127.0.0.1", "localhost"] + (name.map { [$0] } ?? []) {
            do {
                if try CertificateFile.isFor(host, in: file) { return host }
            } catch {
                throw Refusal(.badInput, "ATELIER_TLS_CERTIFICATE: \(error)")
            }
        }
        throw Refusal(
            .badInput,
            "the certificate \(file) is neither for 127.0.0.1 nor localhost, nor for the host of "
                + "ATELIER_PUBLIC_URL: one of them must be among its names")
    }
}
