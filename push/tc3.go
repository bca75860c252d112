package push

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"xunfang/models"
)

// tc3 signs requests to Tencent Cloud: TC3-HMAC-SHA256, "Signature v3" of its API documentation.
type tc3 struct {
	secretID  string
	secretKey models.Secret
	service   string
	host      string
}

const (
	tc3Algorithm   = "TC3-HMAC-SHA256"
	tc3ContentType = "application/json; charset=utf-8"
	tc3Signed      = "content-type;host"
)

// authorization is the header of a POST of a JSON body to / at an instant. The host, the content
// type, the body and the day are signed; the provider takes a timestamp for five minutes.
func (t tc3) authorization(body []byte, at time.Time) string {
	timestamp, date := strconv.FormatInt(at.Unix(), 10), at.UTC().Format(time.DateOnly)
	canonical := "POST\n/\n\ncontent-type:" + tc3ContentType + "\nhost:" + t.host + "\n\n" + tc3Signed + "\n" + hexSHA256(body)
	scope := date + "/" + t.service + "/tc3_request"
	toSign := tc3Algorithm + "\n" + timestamp + "\n" + scope + "\n" + hexSHA256([]byte(canonical))
	key := hmacSHA256([]byte("TC3"+t.secretKey.Reveal()), date)
	key = hmacSHA256(hmacSHA256(key, t.service), "tc3_request")
	return tc3Algorithm + " Credential=" + t.secretID + "/" + scope +
		", SignedHeaders=" + tc3Signed + ", Signature=" + hex.EncodeToString(hmacSHA256(key, toSign))
}

func hexSHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
