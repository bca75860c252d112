package api

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

// What the protocol of resumable uploads (tus 1.0.0, https://tus.io/protocols/resumable-upload) asks of every
// operation that speaks it; x-tus in the contract.
const (
	tusVersion     = "1.0.0"
	headerTus      = "Tus-Resumable"
	headerOverride = "X-HTTP-Method-Override"
	statusChecksum = 460 // "Checksum Mismatch": tus's own

	// The headers that a browser's client sends and reads.
	tusAsks    = "Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, Upload-Checksum, X-HTTP-Method-Override"
	tusAnswers = "Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, " +
		"Upload-Length, Upload-Offset, Upload-Expires, Location"
)

// checkTus refuses other versions, before anything is done; OPTIONS is how a client asks for the version. The part
// of an upload must come as such even where it is empty.
func (o *operation) checkTus(c *fiber.Ctx) error {
	if !o.tus || o.method == fiber.MethodOptions {
		return nil
	}
	if c.Get(headerTus) != tusVersion {
		c.Set("Tus-Version", tusVersion)
		return models.Fail(models.CodeTusVersion).WithFields(
			models.FieldError{Field: headerTus, Code: models.FieldEnum, Want: tusVersion})
	}
	if o.mediaType == typeOffset && !o.typeFits(c) {
		return models.Fail(models.CodeUnsupportedMedia).WithFields(
			models.FieldError{Field: fiber.HeaderContentType, Code: models.FieldEnum, Want: typeOffset})
	}
	return nil
}

// methodOf is the method a request means: mini-programs cannot send PATCH, and tus lets them say so in a header. Only
// uploads take it, so that nobody reaches another operation than a proxy in front believes.
func methodOf(header *fasthttp.RequestHeader) string {
	method := string(header.Method())
	uri := string(header.RequestURI())
	if method != fiber.MethodPost || !strings.HasPrefix(uri, "/v1/uploads/") && !strings.HasPrefix(uri, "/v1/receipt/uploads/") {
		return method
	}
	switch meant := string(header.Peek(headerOverride)); meant {
	case fiber.MethodPatch, fiber.MethodDelete:
		return meant
	default:
		return method
	}
}

// at says whether a path is one of the operation's.
func (o *operation) at(path string) bool {
	if !strings.Contains(o.path, "{") {
		return o.path == path
	}
	mine, theirs := strings.Split(o.path, "/"), strings.Split(path, "/")
	if len(mine) != len(theirs) {
		return false
	}
	for at, part := range mine {
		if part != theirs[at] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}
