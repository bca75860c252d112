package api

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"xunfang/models"
)

// maxForm is how many bytes a form has at most: 4,000 Chinese characters, each of which takes nine.
const maxForm = 48 << 10

// formAsQuery moves a form from the body to the query where the operation takes one: both say the same there. It is held
// against the contract as the query is.
func (o *operation) formAsQuery(c *fiber.Ctx) error {
	request := c.Request()
	if given, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); !o.form || err != nil || given != typeForm {
		return nil //nolint:nilerr // what has no such type is no form
	}
	form := bytes.TrimSpace(request.Body())
	if len(form) > maxForm {
		return models.Fail(models.CodeTooLarge).WithFields(models.FieldError{
			Field: "body", Code: models.FieldTooLarge, Want: "<= " + strconv.Itoa(maxForm),
		})
	}
	if query := request.URI().QueryString(); len(query) > 0 && len(form) > 0 {
		form = slices.Concat(query, []byte("&"), form)
	} else if len(query) > 0 {
		form = query
	}
	request.URI().SetQueryStringBytes(form)
	request.ResetBody()
	request.Header.SetContentType(typeJSON)
	return nil
}

// checkBodySize looks at the content type and the size of the body.
func (o *operation) checkBodySize(c *fiber.Ctx) error {
	// Fiber unpacks what comes packed, without a bound: none is taken.
	if packed := c.Get(fiber.HeaderContentEncoding); packed != "" && packed != "identity" {
		return models.Fail(models.CodeUnsupportedMedia).WithFields(models.FieldError{
			Field: fiber.HeaderContentEncoding, Code: models.FieldEnum, Want: "identity",
		})
	}
	if length := len(c.Request().Body()); length == 0 {
		return nil
	} else if o.mediaType != "" && !o.typeFits(c) {
		return models.Fail(models.CodeUnsupportedMedia).WithFields(models.FieldError{
			Field: fiber.HeaderContentType, Code: models.FieldEnum, Want: o.mediaType,
		})
	} else if length > o.maxBody {
		return models.Fail(models.CodeTooLarge).WithFields(models.FieldError{
			Field: "body", Code: models.FieldTooLarge, Want: "<= " + strconv.Itoa(o.maxBody),
		})
	}
	return nil
}

func (o *operation) typeFits(c *fiber.Ctx) bool {
	given := c.Get(fiber.HeaderContentType)
	if given == o.mediaType && given == typeJSON {
		return true
	}
	mediaType, options, err := mime.ParseMediaType(given)
	if err != nil || mediaType != o.mediaType {
		return false
	}
	if charset, ok := options["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	return mediaType != typeMultipart || options["boundary"] != ""
}

// checkBody holds the body against the contract.
func (o *operation) checkBody(c *fiber.Ctx) error {
	body := c.Request().Body()
	switch {
	case o.mediaType == "" && len(body) > 0 && string(bytes.TrimSpace(body)) != "{}":
		// Some clients cannot send a POST without a body: an empty object says nothing.
		return wrongBody(models.FieldNotAllowed, "")
	case o.mediaType == "":
		return nil
	case len(body) == 0 && o.required:
		return wrongBody(models.FieldRequired, o.mediaType)
	case len(body) == 0 && o.mediaType == typeJSON:
		// The generated server asks for the type even where there is nothing to read.
		c.Request().Header.SetContentType(typeJSON)
		return nil
	case o.mediaType == typeMultipart:
		return o.eachPart(c, nil)
	case o.mediaType == typeOffset:
		return nil
	default:
		return checkJSON(body, o.body)
	}
}

func wrongBody(code models.FieldCode, want string) error {
	return models.Fail(models.CodeInvalidRequest).WithFields(models.FieldError{Field: "body", Code: code, Want: want})
}

// hash is what a repeat of the same request has in common with the first.
func (o *operation) hash(c *fiber.Ctx) ([32]byte, error) {
	sum := sha256.New()
	sum.Write([]byte(o.method + " " + c.Path() + "\n"))
	if o.mediaType == typeMultipart {
		if err := o.eachPart(c, sum); err != nil {
			return [32]byte{}, err
		}
	} else {
		sum.Write(c.Request().Body())
	}
	return [32]byte(sum.Sum(nil)), nil
}

// eachPart reads a multipart body and holds its parts against the contract: every one of
// them known, none twice, none missing. With a sum, it hashes what they carry.
func (o *operation) eachPart(c *fiber.Ctx, sum hash.Hash) error {
	boundary := string(c.Request().Header.MultipartFormBoundary())
	reader := multipart.NewReader(bytes.NewReader(c.Request().Body()), boundary)
	var found list
	var seen uint64
	for len(found.errors) < maxFieldErrors {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return wrongBody(models.FieldFormat, typeMultipart)
		}
		at, known := o.body.byName[part.FormName()]
		switch {
		case !known:
			found.add(printable(part.FormName()), models.FieldUnknown, "")
			continue
		case seen&(1<<at) != 0:
			found.add(part.FormName(), models.FieldDuplicate, "")
			continue
		}
		seen |= 1 << at
		content, err := io.ReadAll(part) // bounded: it is a copy of what already lies in memory
		if err != nil {
			return wrongBody(models.FieldFormat, typeMultipart)
		}
		want := o.body.properties[at].shape
		if want.formatIs != "binary" {
			if code, right := want.checkPlain(string(content)); code != "" {
				found.add(part.FormName(), code, right)
			}
		}
		if sum != nil {
			sum.Write([]byte(part.FormName() + " " + strconv.Itoa(len(content)) + "\n"))
			sum.Write(content)
		}
	}
	for at, property := range o.body.properties {
		if o.body.required&^seen&(1<<at) != 0 {
			found.add(property.name, models.FieldRequired, "")
		}
	}
	if len(found.errors) > 0 {
		return models.Fail(models.CodeInvalidRequest).WithFields(found.errors...)
	}
	return nil
}

func seconds(wait time.Duration) string { return strconv.Itoa(int(wait.Seconds())) }
