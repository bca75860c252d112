package api

import (
	"encoding/base64"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

// Basic is what a caller sent as Authorization: Basic (RFC 7617); empty when it was not there or is malformed.
type Basic struct {
	User     string
	Password models.Secret
}

func basicOf(header *fasthttp.RequestHeader) Basic {
	values := header.PeekAll(fiber.HeaderAuthorization)
	if len(values) != 1 || len(values[0]) > maxToken {
		return Basic{}
	}
	scheme, coded, _ := strings.Cut(string(values[0]), " ")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(coded))
	user, password, ok := strings.Cut(string(text), ":")
	if err != nil || !ok || !strings.EqualFold(scheme, "Basic") {
		return Basic{}
	}
	return Basic{User: user, Password: models.Secret(password)}
}
