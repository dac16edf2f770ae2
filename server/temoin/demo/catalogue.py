"""What the demo shop sells: invented ceramics, drawn by templates/piece.svg. Nothing is for sale."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """`kind` names the drawing, `glaze` its colours; the price is in euro cents, VAT included."""

    slug: str
    name: str
    kind: str
    glaze: str
    cents: int
    line: str
    story: str
    size: str

    @property
    def price(self) -> str:
        """As French shops write it: `48,00 €`, with a no-break space."""
        return f"{self.cents // 100},{self.cents % 100:02d}\u00a0€"


PRODUCTS: tuple[Product, ...] = (
    Product(
        "theiere-averse",
        "Théière Averse",
        "theiere",
        "celadon",
        8600,
        "Grès blanc, émail céladon, 70 cl",
        "Un bec court qui ne goutte pas, une anse qui reste tiède, un filtre percé à la main. L'émail céladon se "
        "retire des arêtes à la cuisson et y laisse voir la terre.",
        "16 cm avec le bec, 70 cl, filtre intégré",
    ),
    Product(
        "bol-riviere",
        "Bol Rivière",
        "bol",
        "cobalt",
        3400,
        "Grès gris, émail cobalt, 45 cl",
        "Assez large pour une soupe, assez haut pour un café du matin. "
        "Le cobalt file vers le pied et s'arrête où il veut.",
        "Ø 14 cm, 45 cl",
    ),
    Product(
        "vase-colline",
        "Vase Colline",
        "vase",
        "fer",
        7200,
        "Grès roux, émail au fer, pièce tournée",
        "Une épaule ronde, un col étroit : trois branches suffisent. L'émail au fer tire vers le brun ou vers la "
        "rouille, selon la place dans le four.",
        "H 24 cm, étanche",
    ),
    Product(
        "tasse-brume",
        "Tasse Brume",
        "tasse",
        "cendre",
        2600,
        "Porcelaine, émail de cendre, 18 cl",
        "Fine au bord, lourde au pied, pour tenir debout sur un bureau. "
        "La cendre de hêtre donne ce gris qui change avec la lumière.",
        "Ø 8 cm, 18 cl",
    ),
    Product(
        "assiette-galet",
        "Assiette Galet",
        "assiette",
        "cendre",
        3900,
        "Grès blanc, émail de cendre, creuse",
        "Creuse, sans aile, empilable. Elle va au four et au lave-vaisselle, et ne craint que les éviers en pierre.",
        "Ø 22 cm",
    ),
    Product(
        "pot-the-foret",
        "Pot à thé Forêt",
        "pot",
        "celadon",
        4800,
        "Grès blanc, couvercle ajusté, 200 g de thé",
        "Le couvercle est tourné avec le pot et cuit dessus : il n'en ferme aucun autre. "
        "Garde le thé à l'abri de la lumière.",
        "H 15 cm, environ 200 g de feuilles",
    ),
)
BY_SLUG = {product.slug: product for product in PRODUCTS}
