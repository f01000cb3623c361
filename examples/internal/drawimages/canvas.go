package main

import (
	"cmp"
	"image"
	"image/color"
	"iter"
	"maps"
	"slices"
)

// sub is how many steps a pixel has in each direction: shapes are given in
// pixels, their edges are sampled sub times sub times.
const sub = 4

// canvas is a picture in the making.
type canvas struct {
	width, height int
	pixels        []color.RGBA
}

// point is a corner of a polygon, in pixels.
type point struct{ x, y int }

func newCanvas(width, height int) *canvas {
	return &canvas{width: width, height: height, pixels: make([]color.RGBA, width*height)}
}

// hex makes an opaque colour of 0xRRGGBB.
func hex(rgb uint32) color.RGBA {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 255}
}

// mix goes part of 16 of the way from a to b.
func mix(a, b color.RGBA, part int) color.RGBA {
	blend := func(a, b uint8) uint8 { return uint8((int(a)*(16-part) + int(b)*part) / 16) }
	return color.RGBA{R: blend(a.R, b.R), G: blend(a.G, b.G), B: blend(a.B, b.B), A: 255}
}

// rect fills a rectangle.
func (c *canvas) rect(x, y, width, height int, fill color.RGBA) {
	for row := max(y, 0); row < min(y+height, c.height); row++ {
		for column := max(x, 0); column < min(x+width, c.width); column++ {
			c.pixels[row*c.width+column] = fill
		}
	}
}

// round fills a rectangle with round corners.
func (c *canvas) round(x, y, width, height, radius int, fill color.RGBA) {
	radius = min(radius, width/2, height/2)
	left, right := (x+radius)*sub, (x+width-radius)*sub
	top, bottom := (y+radius)*sub, (y+height-radius)*sub
	limit := radius * radius * sub * sub
	c.shape(x, y, width, height, fill, func(px, py int) bool {
		dx := px - min(max(px, left), right)
		dy := py - min(max(py, top), bottom)
		return dx*dx+dy*dy <= limit
	})
}

// disc fills a circle.
func (c *canvas) disc(x, y, radius int, fill color.RGBA) {
	c.round(x-radius, y-radius, 2*radius, 2*radius, radius, fill)
}

// polygon fills a convex polygon whose corners go clockwise.
func (c *canvas) polygon(fill color.RGBA, corners ...point) {
	x1, y1, x2, y2 := c.width, c.height, 0, 0
	for _, p := range corners {
		x1, y1, x2, y2 = min(x1, p.x), min(y1, p.y), max(x2, p.x), max(y2, p.y)
	}
	c.shape(x1, y1, x2-x1, y2-y1, fill, func(px, py int) bool {
		for i, a := range corners {
			b := corners[(i+1)%len(corners)]
			if (b.x-a.x)*(py-a.y*sub)-(b.y-a.y)*(px-a.x*sub) < 0 {
				return false
			}
		}
		return true
	})
}

// shape fills the convex shape that inside describes, with smooth edges. inside
// is asked in steps of sub per pixel; x, y, width and height bound the shape in
// pixels.
func (c *canvas) shape(x, y, width, height int, fill color.RGBA, inside func(px, py int) bool) {
	for row := max(y, 0); row < min(y+height, c.height); row++ {
		for column := max(x, 0); column < min(x+width, c.width); column++ {
			at := &c.pixels[row*c.width+column]
			*at = mix(*at, fill, coverage(column*sub, row*sub, inside))
		}
	}
}

// coverage says how many of a pixel's 16 steps a convex shape covers.
func coverage(px, py int, inside func(px, py int) bool) int {
	const last = sub - 1
	if inside(px, py) && inside(px+last, py) && inside(px, py+last) && inside(px+last, py+last) {
		return sub * sub // the shape is convex: with its corners goes the whole pixel
	}
	hits := 0
	for step := range sub * sub {
		if inside(px+step%sub, py+step/sub) {
			hits++
		}
	}
	return hits
}

// paletted turns the canvas into a picture of at most 64 colours, which keeps
// the files small: the commonest colours stay, the others take the nearest.
func (c *canvas) paletted() *image.Paletted {
	count := map[color.RGBA]int{}
	for first, end := range c.runs() {
		count[c.pixels[first]] += end - first
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	palette := make(color.Palette, 0, 64)
	for _, colour := range colours[:min(64, len(colours))] {
		palette = append(palette, colour)
	}
	index := make(map[color.RGBA]uint8, len(colours))
	for _, colour := range colours {
		index[colour] = uint8(palette.Index(colour))
	}
	picture := image.NewPaletted(image.Rect(0, 0, c.width, c.height), palette)
	for first, end := range c.runs() {
		at := index[c.pixels[first]]
		for i := first; i < end; i++ {
			picture.Pix[i] = at
		}
	}
	return picture
}

// runs are the stretches of neighbouring pixels of one colour: first pixel and
// the one after the last.
func (c *canvas) runs() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for first := 0; first < len(c.pixels); {
			end := first + 1
			for end < len(c.pixels) && c.pixels[end] == c.pixels[first] {
				end++
			}
			if !yield(first, end) {
				return
			}
			first = end
		}
	}
}
