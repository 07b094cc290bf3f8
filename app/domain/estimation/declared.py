"""What every declaration of a design file has in common."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.domain.estimation.columns import label

Name = Annotated[str, Field(min_length=1)]
Label = Annotated[str, BeforeValidator(label)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Declared(BaseModel):
    """Unknown keys are faults; a misspelt option must not be ignored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, validate_by_name=True
    )
