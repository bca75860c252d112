package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"xunfang/doors/viid"
	"xunfang/models"
	"xunfang/push"
)

// settings are the flags and environment variables of serve. All are text, so that one look can
// report every mistake at once instead of the first.
type settings struct {
	Mode          string `default:"production" env:"XUNFANG_MODE" help:"production or development. Production refuses demo keys and demo accounts, and prints no codes."`
	Listen        string `default:"127.0.0.1:8080" env:"XUNFANG_LISTEN" help:"Address of the API."`
	MetricsListen string `default:"127.0.0.1:9090" env:"XUNFANG_METRICS_LISTEN" help:"Address of /metrics and /debug/pprof; off switches it off."`
	Data          string `default:"data" env:"XUNFANG_DATA" help:"Folder of the database, the photos and the key file, where not set otherwise."`
	Database      string `env:"XUNFANG_DATABASE" help:"sqlite:FILE or mysql://USER:PASSWORD@HOST:PORT/NAME. Default: sqlite:DATA/xunfang.db."`
	DatabaseFile  string `env:"XUNFANG_DATABASE_FILE" help:"File that holds the database setting, so that a password is in no environment."`
	Keys          string `env:"XUNFANG_KEYS" help:"Key file, made by keys new. Default: DATA/keys.json."`
	Migrate       string `default:"yes" env:"XUNFANG_MIGRATE" help:"yes: bring the schema up to date at the start; no: only check it."`

	StationIdentityFile string `env:"XUNFANG_STATION_IDENTITY_FILE" help:"Private half of the station's key, by which this server itself opens anonymous tips. Better without: then only the officers' own clients can."`
	OpenTipsHere        string `default:"no" env:"XUNFANG_OPEN_TIPS_HERE" help:"yes: consent to a station's private key on this machine, which production refuses otherwise."`

	Broker             string `default:"embedded" env:"XUNFANG_BROKER" help:"embedded, or mqtt://HOST:PORT or mqtts://HOST:PORT of an external one such as Mosquitto or EMQX."`
	BrokerListen       string `default:"127.0.0.1:1883" env:"XUNFANG_BROKER_LISTEN" help:"Address of the embedded broker."`
	BrokerCert         string `env:"XUNFANG_BROKER_CERT" help:"TLS certificate (PEM) of the embedded broker."`
	BrokerKey          string `env:"XUNFANG_BROKER_KEY" help:"TLS key (PEM) of the embedded broker."`
	BrokerUser         string `default:"server" env:"XUNFANG_BROKER_USER" help:"The server's account at an external broker."`
	BrokerPasswordFile string `env:"XUNFANG_BROKER_PASSWORD_FILE" help:"File with the server's password at an external broker."`

	DoorNetworks     string `env:"XUNFANG_DOOR_NETWORKS" help:"Comma-separated networks (192.168.40.0/24) where door hardware of other makers may stand. Without it: everywhere but this machine, link-local and reserved networks. Clouds' metadata addresses are never allowed."`
	UHPPOTEListen    string `name:"uhppote-listen" default:"off" env:"XUNFANG_UHPPOTE_LISTEN" help:"IPv4:PORT at which UHPPOTE boards reach this server with what happens (192.168.40.2:60001), or off: then they are asked every 10 s."`
	VIIDListen       string `name:"viid-listen" default:"off" env:"XUNFANG_VIID_LISTEN" help:"IP:PORT at which cameras and gateways reach this server in the manner of GA/T 1400 (/VIID), on a network of their own, or off. Written from public descriptions, not tried against certified equipment."`
	VIIDAccountsFile string `name:"viid-accounts-file" env:"XUNFANG_VIID_ACCOUNTS_FILE" help:"File with the devices that may register there: [{viid_id, device_id, password, direction}], see docs/controllers.md."`

	Wake             string `default:"off" env:"XUNFANG_WAKE" help:"redis://HOST:PORT/NUMBER (rediss:// with TLS) by which several servers of one database wake each other, so that alerts and calls are on every open stream at once; or off: then within 2 s."`
	WakePasswordFile string `name:"wake-password-file" env:"XUNFANG_WAKE_PASSWORD_FILE" help:"File with the password of that Redis; read anew at each connection, so that it can be replaced."`

	DeviceSilence string `default:"300" env:"XUNFANG_DEVICE_SILENCE" help:"Seconds without a word from a device, 120 to 86400, after which property and duty desk are told."`

	Media           string `default:"folder" env:"XUNFANG_MEDIA" help:"folder (DATA/media) or s3."`
	S3Endpoint      string `name:"s3-endpoint" env:"XUNFANG_S3_ENDPOINT" help:"https://HOST of the S3-compatible store."`
	S3Bucket        string `name:"s3-bucket" env:"XUNFANG_S3_BUCKET" help:"Bucket."`
	S3Region        string `name:"s3-region" env:"XUNFANG_S3_REGION" help:"Region."`
	S3AccessKey     string `name:"s3-access-key" env:"XUNFANG_S3_ACCESS_KEY" help:"Access key."`
	S3SecretKeyFile string `name:"s3-secret-key-file" env:"XUNFANG_S3_SECRET_KEY_FILE" help:"File with the secret key."`

	FirebaseCredentials string `env:"XUNFANG_FIREBASE_CREDENTIALS" help:"Service account key file of the Firebase project. Without it push is off: inbox and stream only."`
	FirebaseProject     string `env:"XUNFANG_FIREBASE_PROJECT" help:"Project id, where the credentials do not name it."`
	FirebaseEndpoint    string `env:"XUNFANG_FIREBASE_ENDPOINT" help:"For tests: another endpoint of Firebase's v1 protocol; needs development mode."`

	APNSCritical string `name:"apns-critical" default:"no" env:"XUNFANG_APNS_CRITICAL" help:"yes: Apple has entitled the app to critical alerts, and emergencies sound in spite of silence and focus."`

	SMS               string `default:"off" env:"XUNFANG_SMS" help:"off, console (development only) or tencent."`
	SMSSecretID       string `name:"sms-secret-id" env:"XUNFANG_SMS_SECRET_ID" help:"Tencent Cloud SecretId."`
	SMSSecretKeyFile  string `env:"XUNFANG_SMS_SECRET_KEY_FILE" help:"File with the Tencent Cloud SecretKey."`
	SMSApp            string `env:"XUNFANG_SMS_APP" help:"Tencent SmsSdkAppId."`
	SMSSign           string `env:"XUNFANG_SMS_SIGN" help:"Tencent SignName."`
	SMSAlertTemplates string `env:"XUNFANG_SMS_ALERT_TEMPLATES" help:"Tencent TemplateIds of alerts by severity (high=1234,emergency=1235), without parameters; needs --sms=tencent. Without it alerts are not sent by SMS."`
	SMSTemplate       string `env:"XUNFANG_SMS_TEMPLATE" help:"Tencent TemplateId; its first parameter is the code."`

	HMSApp        string `name:"hms-app" env:"XUNFANG_HMS_APP" help:"App id (a number) of Huawei's Push Kit. Without it Huawei's phones are reached by Firebase or not at all."`
	HMSSecretFile string `name:"hms-secret-file" env:"XUNFANG_HMS_SECRET_FILE" help:"File with the app's client secret at Huawei; read anew when needed, so that it can be replaced."`
	HMSEndpoint   string `name:"hms-endpoint" env:"XUNFANG_HMS_ENDPOINT" help:"For tests: another endpoint of Push Kit's protocol and token service; needs development mode."`

	AlertNetworks string `env:"XUNFANG_ALERT_NETWORKS" help:"Comma-separated networks (192.168.40.0/24) where the station's own systems that are told of alerts may stand. Without it: everywhere but this machine, link-local and reserved networks."`
	AlertWebhooks string `default:"off" env:"XUNFANG_ALERT_WEBHOOKS" help:"on or off: whether alerts are told to the station's own systems."`

	VoiceURL        string `name:"voice-url" env:"XUNFANG_VOICE_URL" help:"https://HOST/PATH of the station's own caller system, which rings people for alerts where a ladder names voice. Without it nobody is rung."`
	VoiceSecretFile string `name:"voice-secret-file" env:"XUNFANG_VOICE_SECRET_FILE" help:"File with the secret (whsec_…) shared with the caller system, both ways; a second one on a line of its own is believed and signs too, while one changes. Read anew when needed."`
	VoiceTimeout    string `name:"voice-timeout" default:"5" env:"XUNFANG_VOICE_TIMEOUT" help:"Seconds, 1 to 30, that the caller system has to take a call."`

	WeChatApp        string `name:"wechat-app" env:"XUNFANG_WECHAT_APP" help:"AppID of the WeChat mini-program. Without it there is no sign-in by WeChat and no subscription message."`
	WeChatSecretFile string `name:"wechat-secret-file" env:"XUNFANG_WECHAT_SECRET_FILE" help:"File with the mini-program's AppSecret; read anew when needed, so that it can be replaced."`
	WeChatTemplates  string `name:"wechat-templates" env:"XUNFANG_WECHAT_TEMPLATES" help:"JSON file with the approved subscription messages (docs/wechat.md). Without it people only sign in."`
	WeChatState      string `name:"wechat-state" default:"formal" env:"XUNFANG_WECHAT_STATE" help:"Which mini-program a message opens: formal, trial or developer."`
	WeChatEndpoint   string `name:"wechat-endpoint" env:"XUNFANG_WECHAT_ENDPOINT" help:"For tests: another endpoint of WeChat's protocol; needs development mode."`

	CodeDigits          string `default:"9" env:"XUNFANG_CODE_DIGITS" help:"Drawn digits of a visitor's code, 9 to 12; a check digit follows them. The server refuses code settings by which a stranger opens a door within a day with a chance of more than one in a million."`
	CodeExtensionDigits string `default:"4" env:"XUNFANG_CODE_EXTENSION_DIGITS" help:"Digits of a code's extension, 4 to 8."`
	CodeTries           string `default:"4" env:"XUNFANG_CODE_TRIES" help:"Wrong codes at a door within 24 hours, 0 to 20, before it asks for the extension and slows down."`
	CodesFew            string `default:"100" env:"XUNFANG_CODES_FEW" help:"Live codes at a door up to which it takes a code alone; with more it always asks for the extension."`
	CodesMost           string `default:"2000" env:"XUNFANG_CODES_MOST" help:"Live codes at a door; no more are made. Bigger compounds: longer codes or extensions."`
	AllowListHours      string `default:"24" env:"XUNFANG_ALLOW_LIST_HOURS" help:"Hours, 1 to 72, for which a controller of the product's own protocol may open doors by its last allow-list while it cannot reach the server. What is revoked meanwhile opens there for as long."`
	CodePause           string `default:"30" env:"XUNFANG_CODE_PAUSE" help:"Seconds that a slowed door waits after a wrong try, 1 to 30."`

	Issuer          string `default:"xunfang" env:"XUNFANG_ISSUER" help:"iss of access tokens."`
	Audience        string `default:"xunfang-app" env:"XUNFANG_AUDIENCE" help:"aud of access tokens."`
	TrustedProxies  string `env:"XUNFANG_TRUSTED_PROXIES" help:"Comma-separated addresses or ranges whose X-Forwarded-For is believed."`
	PublicURL       string `name:"public-url" env:"XUNFANG_PUBLIC_URL" help:"https://HOST by which phones outside reach the API, printed on certificates as a QR code. Papers last for years: so should it. Without it there is no QR code, only the code to type."`
	Origins         string `env:"XUNFANG_ORIGINS" help:"Comma-separated web origins that may call the API (CORS)."`
	Limits          string `default:"on" env:"XUNFANG_LIMITS" help:"on or off: rate limits; off is for load tests and needs development mode."`
	CheckContract   string `default:"no" env:"XUNFANG_CHECK_CONTRACT" help:"yes: check every request and response against the contract; for development, slow."`
	LogLevel        string `default:"info" env:"XUNFANG_LOG_LEVEL" help:"debug, info, warn or error."`
	LogFormat       string `default:"json" env:"XUNFANG_LOG_FORMAT" help:"json or text."`
	brokerPassword  models.Secret
	s3SecretKey     models.Secret
	smsSecretKey    models.Secret
	wechatTemplates []push.WeChatTemplate
	doorNetworks    models.DoorNetworks
	alertTemplates  map[string]string
	alertNetworks   models.DoorNetworks
	voiceTimeout    time.Duration
	deviceSilence   time.Duration
	viidAccounts    []viid.Account
	codes           models.CodeRules
	listLife        time.Duration
}

// withDefaults is the settings of a command that asks for few of them: what it leaves empty is as serve has it by itself.
func withDefaults(s settings) *settings {
	value := reflect.ValueOf(&s).Elem()
	for at := range value.NumField() {
		if field := value.Type().Field(at); field.IsExported() && value.Field(at).String() == "" {
			value.Field(at).SetString(field.Tag.Get("default"))
		}
	}
	return &s
}

// maxPublicURL bounds what is printed as a QR code: the longer, the finer.
const maxPublicURL = 120

// settle fills in what depends on other settings, reads secrets from their files, and
// reports every mistake there is.
func (s *settings) settle() error {
	mistakes := mistakeList{}
	mistakes.oneOf("mode", s.Mode, "production", "development")
	mistakes.oneOf("migrate", s.Migrate, "yes", "no")
	mistakes.oneOf("open-tips-here", s.OpenTipsHere, "yes", "no")
	mistakes.oneOf("media", s.Media, "folder", "s3")
	mistakes.oneOf("sms", s.SMS, "off", "console", "tencent")
	mistakes.oneOf("apns-critical", s.APNSCritical, "yes", "no")
	mistakes.oneOf("limits", s.Limits, "on", "off")
	mistakes.oneOf("check-contract", s.CheckContract, "yes", "no")
	mistakes.oneOf("log-level", s.LogLevel, "debug", "info", "warn", "error")
	mistakes.oneOf("log-format", s.LogFormat, "json", "text")
	mistakes.address("listen", s.Listen)
	if s.MetricsListen != "off" {
		mistakes.address("metrics-listen", s.MetricsListen)
	}
	if s.DatabaseFile != "" {
		s.Database = mistakes.secretFile("database-file", s.DatabaseFile).Reveal()
	}
	if s.Database == "" {
		s.Database = "sqlite:" + filepath.Join(s.Data, "xunfang.db")
	}
	if s.Keys == "" {
		s.Keys = filepath.Join(s.Data, "keys.json")
	}
	s.settleBroker(&mistakes)
	s.settleDoors(&mistakes)
	s.settleMedia(&mistakes)
	s.settleSMS(&mistakes)
	s.settleWeChat(&mistakes)
	s.settleHMS(&mistakes)
	s.settleWake(&mistakes)
	s.settleStationWays(&mistakes)
	s.settleCodes(&mistakes)
	for _, proxy := range list(s.TrustedProxies) {
		if _, _, err := net.ParseCIDR(proxy); err != nil && net.ParseIP(proxy) == nil {
			mistakes.add("trusted-proxies", "%q is neither an address nor a range", proxy)
		}
	}
	if s.PublicURL != "" {
		public, err := url.Parse(s.PublicURL)
		if err != nil || public.Scheme != "https" && public.Scheme != "http" || public.Host == "" || public.User != nil ||
			public.RawQuery != "" || public.Fragment != "" || len(s.PublicURL) > maxPublicURL {
			mistakes.add("public-url", "must be https://HOST, with a path at most, of at most %d characters", maxPublicURL)
		}
	}
	if s.Mode == "production" {
		s.checkProduction(&mistakes)
	}
	return mistakes.err()
}

func (s *settings) settleBroker(mistakes *mistakeList) {
	if s.Broker == "embedded" {
		mistakes.address("broker-listen", s.BrokerListen)
		if (s.BrokerCert == "") != (s.BrokerKey == "") {
			mistakes.add("broker-cert", "certificate and key go together")
		}
		return
	}
	broker, err := url.Parse(s.Broker)
	if err != nil || (broker.Scheme != "mqtt" && broker.Scheme != "mqtts") || broker.Host == "" {
		mistakes.add("broker", "must be embedded, mqtt://HOST:PORT or mqtts://HOST:PORT")
	}
	s.brokerPassword = mistakes.secretFile("broker-password-file", s.BrokerPasswordFile)
}

func (s *settings) settleDoors(mistakes *mistakeList) {
	least, most := int(models.LeastDeviceSilence/time.Second), int(models.MostDeviceSilence/time.Second)
	s.deviceSilence = time.Duration(mistakes.number("device-silence", s.DeviceSilence, least, most)) * time.Second
	s.doorNetworks = mistakes.networks("door-networks", s.DoorNetworks)
	s.settleVIID(mistakes)
	if s.UHPPOTEListen == "off" || s.UHPPOTEListen == "" {
		return
	}
	address, err := netip.ParseAddrPort(s.UHPPOTEListen)
	if err != nil || !address.Addr().Is4() || address.Addr().IsUnspecified() {
		mistakes.add("uhppote-listen", "must be off or the IPv4:PORT by which boards reach this server, not %q", s.UHPPOTEListen)
	}
}

func (s *settings) settleVIID(mistakes *mistakeList) {
	if s.VIIDListen == "off" || s.VIIDListen == "" {
		return
	}
	address, err := netip.ParseAddrPort(s.VIIDListen)
	if err != nil || address.Addr().IsUnspecified() {
		mistakes.add("viid-listen", "must be off or the IP:PORT by which devices reach this server, not %q", s.VIIDListen)
	}
	if file := mistakes.secretFile("viid-accounts-file", s.VIIDAccountsFile); file != "" {
		if s.viidAccounts, err = viid.ReadAccounts([]byte(file.Reveal())); err != nil {
			mistakes.add("viid-accounts-file", "%v", err)
		}
	}
}

func (s *settings) settleMedia(mistakes *mistakeList) {
	if s.Media != "s3" {
		return
	}
	mistakes.needed("s3-endpoint", s.S3Endpoint)
	mistakes.needed("s3-bucket", s.S3Bucket)
	mistakes.needed("s3-access-key", s.S3AccessKey)
	s.s3SecretKey = mistakes.secretFile("s3-secret-key-file", s.S3SecretKeyFile)
}

func (s *settings) settleSMS(mistakes *mistakeList) {
	if s.SMS != "tencent" {
		return
	}
	mistakes.needed("sms-secret-id", s.SMSSecretID)
	mistakes.needed("sms-app", s.SMSApp)
	mistakes.needed("sms-sign", s.SMSSign)
	mistakes.needed("sms-template", s.SMSTemplate)
	s.smsSecretKey = mistakes.secretFile("sms-secret-key-file", s.SMSSecretKeyFile)
}

func (s *settings) checkProduction(mistakes *mistakeList) {
	if s.SMS == "console" {
		mistakes.add("sms", "console prints sign-in codes; it needs --mode=development")
	}
	if s.Broker == "embedded" && s.BrokerCert == "" && !loopback(s.BrokerListen) {
		mistakes.add("broker-listen", "without --broker-cert devices would send their secrets in the clear: use a loopback address, or TLS")
	}
	if s.StationIdentityFile != "" && s.OpenTipsHere != "yes" {
		mistakes.add("station-identity-file", "whoever has this machine could read every tip: leave it out, or consent by --open-tips-here=yes")
	}
	if strings.HasPrefix(s.PublicURL, "http:") {
		mistakes.add("public-url", "without TLS anybody on the way could say that a certificate is genuine: use https, or --mode=development")
	}
	if s.Limits == "off" {
		mistakes.add("limits", "off needs --mode=development")
	}
	if s.FirebaseEndpoint != "" {
		mistakes.add("firebase-endpoint", "needs --mode=development")
	}
	if s.HMSEndpoint != "" {
		mistakes.add("hms-endpoint", "needs --mode=development")
	}
	if s.WeChatEndpoint != "" {
		mistakes.add("wechat-endpoint", "needs --mode=development")
	}
	if s.CheckContract == "yes" {
		mistakes.add("check-contract", "yes needs --mode=development")
	}
}

// loopback says whether an address to listen on can be reached from this machine only.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// mistakeList collects what is wrong with the settings; no value of a secret gets into it.
type mistakeList struct{ lines []string }

func (m *mistakeList) add(setting, format string, arguments ...any) {
	m.lines = append(m.lines, "--"+setting+": "+fmt.Sprintf(format, arguments...))
}

func (m *mistakeList) oneOf(setting, value string, allowed ...string) {
	for _, candidate := range allowed {
		if value == candidate {
			return
		}
	}
	m.add(setting, "must be %s, not %q", strings.Join(allowed, " or "), value)
}

func (m *mistakeList) needed(setting, value string) {
	if value == "" {
		m.add(setting, "is needed")
	}
}

func (m *mistakeList) address(setting, value string) {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		m.add(setting, "must be HOST:PORT, not %q", value)
	}
}

func (m *mistakeList) secretFile(setting, path string) models.Secret {
	if path == "" {
		m.add(setting, "is needed")
		return ""
	}
	secret, err := secretNow(path)
	if err != nil {
		m.add(setting, "%v", err)
	}
	return secret
}

// secretNow reads a secret as it is now: some files are read again while the server runs, so that they can be replaced.
func secretNow(path string) (models.Secret, error) {
	content, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	secret := models.Secret(strings.TrimSpace(string(content)))
	if err == nil && secret == "" {
		err = fmt.Errorf("%s is empty", path)
	}
	return secret, err
}

func (m *mistakeList) err() error {
	if len(m.lines) == 0 {
		return nil
	}
	if len(m.lines) == 1 {
		return fmt.Errorf("a setting is wrong:\n  %s", m.lines[0])
	}
	return fmt.Errorf("%d settings are wrong:\n  %s", len(m.lines), strings.Join(m.lines, "\n  "))
}

// list splits a comma-separated setting.
func list(text string) []string {
	parts := []string{}
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
